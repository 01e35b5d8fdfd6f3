import { setImmediate } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";

/** Events between two turns of the event loop, in which aborts and input are noticed. */
const eventsPerTurn = 1000;

/** Time that passes only when everybody waits for it: the same on every machine. */
export class VirtualClock {
  /** Milliseconds. */
  now = 0;
  readonly #due: { readonly at: number; readonly run: () => void }[] = [];
  readonly #outside = new Set<Promise<unknown>>();

  /** Calls `run` in so many milliseconds; what is due at one time runs in the order it was asked for. */
  after(ms: number, run: () => void): void {
    const at = this.now + ms;
    let index = this.#due.length;
    while (index > 0 && (this.#due[index - 1]?.at ?? 0) > at) index--;
    this.#due.splice(index, 0, { at, run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Work of this world, during which the clock stands still. */
  async outside<Result>(work: Promise<Result>): Promise<Result> {
    this.#outside.add(work);
    try {
      return await work;
    } finally {
      this.#outside.delete(work);
    }
  }

  /**
   * Lets time pass until `work` is over.
   * @throws AdaedlError `internal` when it waits for nothing; and what `work` throws
   */
  async runUntil<Result>(work: Promise<Result>): Promise<Result> {
    let isOver = false;
    let numEvents = 0;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    for (;;) {
      // Runs when no promise has anything left to do: everything that follows from the last event has happened.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (isOver) return work;
      if (++numEvents % eventsPerTurn === 0) await setImmediate();
      if (this.#outside.size > 0) {
        await Promise.race(this.#outside).catch(() => {}); // who waits for it is told
        continue;
      }
      const next = this.#due.shift();
      if (next === undefined)
        throw new AdaedlError("internal", "nothing is due, and nobody is done");
      this.now = next.at;
      next.run();
    }
  }
}
