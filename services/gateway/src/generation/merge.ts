import { setImmediate as nextTurn } from "node:timers/promises";

/** An event of one of several sources. */
export interface Indexed<Event> {
  readonly index: number;
  readonly event: Event;
}

/** In place of a source's index: the next turn of the event loop. */
const turn = -1;

/**
 * The events of several sources as they come. Each source is one event ahead of the reader, at most. One
 * source runs in any case, more where they get a place; the others begin as those before them end.
 * Ending the iteration ends all sources; the first that throws ends the others.
 * @param enterMore a place for another source, to be left when it has ended; undefined: none for now
 */
export async function* merge<Event>(
  sources: readonly AsyncGenerator<Event>[],
  enterMore: () => (() => void) | undefined = () => () => {},
): AsyncGenerator<Indexed<Event>> {
  const waiting = new Map<number, Promise<{ index: number; result: IteratorResult<Event> }>>();
  const leaves = new Map<number, () => void>();
  let isFirstFree = true;
  const enterFirst = () => {
    isFirstFree = false;
    return () => {
      isFirstFree = true;
    };
  };
  const ask = (source: AsyncGenerator<Event>, index: number) => {
    const asked = source.next().then((result) => ({ index, result }));
    asked.catch(() => {}); // whoever waits for it is told; nobody may be left
    waiting.set(index, asked);
  };
  let numBegun = 0;
  /** Begins the next source, those after it one in each turn of the event loop: prompts may be long. */
  const begin = () => {
    const source = sources[numBegun];
    const leave = source && (isFirstFree ? enterFirst() : enterMore());
    if (source === undefined || leave === undefined) return;
    leaves.set(numBegun, leave);
    ask(source, numBegun++);
    const result = { done: true, value: undefined } as const;
    waiting.set(turn, nextTurn({ index: turn, result }));
  };
  try {
    begin();
    while (waiting.size > 0) {
      const { index, result } = await Promise.race(waiting.values());
      waiting.delete(index);
      if (result.done) {
        leaves.get(index)?.();
        leaves.delete(index);
        begin();
        continue;
      }
      yield { index, event: result.value };
      ask(sources[index] as AsyncGenerator<Event>, index);
    }
  } finally {
    for (const leave of leaves.values()) leave();
    // Not waited for: a source in the middle of an event ends by its own signal.
    for (const source of sources) source.return(undefined).catch(() => {});
  }
}
