/** How far the chances that an edge states for its draft tokens hold. */
export interface ChanceScale {
  /** Accepted by expected, at most 1: what to multiply the chance of each draft token by. */
  readonly current: number;
  /**
   * Told about each forward.
   * @param chances of the draft tokens in it, each given the one before
   * @param numAccepted of these, from the first
   */
  observe(chances: readonly number[], numAccepted: number): void;
}

/** Weight of the past: an edge that was wrong is tried again some hundreds of tokens later. */
const memory = 255 / 256;
/** Draft tokens that are taken to have held before any was seen. */
const trust = 2;

/**
 * Compares the draft tokens that were accepted with those that the edge's chances promised, so that an
 * edge that states high chances gains no rows by it. What lies behind a rejected token says nothing.
 */
export function createChanceScale(): ChanceScale {
  let expected = 0;
  let accepted = 0;
  return {
    get current() {
      return Math.min(1, (accepted + trust) / (expected + trust));
    },
    observe(chances, numAccepted) {
      expected *= memory;
      accepted = memory * accepted + numAccepted;
      for (const chance of chances.slice(0, numAccepted + 1)) expected += chance;
    },
  };
}
