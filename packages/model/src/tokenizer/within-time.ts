import { createContext, Script } from "node:vm";

/** What strangers wrote took too long. */
export class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/** Whether a tokenizer failed because it would have held the thread for too long. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof TooSlow;
}

const script = new Script("work()");
let context: { work?: (() => unknown) | undefined } | undefined;

/**
 * Calls a function and ends it after a while, also inside a regular expression that tracks back without
 * end: V8 can be told to stop what runs below a script. It costs a tenth of a millisecond.
 *
 * The limit is of the clock on the wall: leave so much room that a busy machine does not meet it. An
 * iterator that was ended on the way is of no more use.
 * @throws TooSlow when the time is over
 */
export function withinTime<T>(ms: number, work: () => T): T {
  context ??= createContext({}) as NonNullable<typeof context>;
  const outer = context.work;
  context.work = work;
  try {
    return script.runInContext(context, { timeout: ms }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new TooSlow(`takes more than ${ms} ms`);
  } finally {
    context.work = outer;
  }
}

const batchSize = 256;

/** The same items; so many of them at a time are looked for that the limit costs nothing for each. */
export function* eachWithinTime<T>(ms: number, items: Iterable<T>): Generator<T> {
  const iterator = items[Symbol.iterator]();
  for (let isDone = false; !isDone; ) {
    const batch: T[] = [];
    withinTime(ms, () => {
      while (batch.length < batchSize && !isDone) {
        const next = iterator.next();
        if (next.done) isDone = true;
        else batch.push(next.value);
      }
    });
    yield* batch;
  }
}
