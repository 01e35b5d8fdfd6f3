/** One step, as it begins. */
export interface StepReport {
  readonly numTokens: number;
  readonly numSlots: number;
  /** Calls left waiting. */
  readonly numWaiting: number;
  /** How long each of its calls has waited, in milliseconds. */
  readonly queueMs: readonly number[];
  /** The longest of them. */
  readonly longestQueueMs: number;
}

interface Call {
  readonly numTokens: number;
  readonly numSlots: number;
  /** When it came, by the clock that says `now`. */
  readonly since: number;
}

/** @param batch the calls of a step that begins now, at least one */
export function reportOf(batch: readonly Call[], numWaiting: number, now: number): StepReport {
  const queueMs = batch.map(({ since }) => now - since);
  return {
    numTokens: batch.reduce((total, { numTokens }) => total + numTokens, 0),
    numSlots: batch.reduce((total, { numSlots }) => total + numSlots, 0),
    numWaiting,
    queueMs,
    longestQueueMs: Math.max(...queueMs),
  };
}
