/** Network time to a peer and back, in milliseconds. */
export interface RoundTrip {
  /** The shortest of the last few measurements; 0 before the first. Measures again when the last is old. */
  read(): number;
  /** Measures now. A failure leaves what is known. */
  measure(): Promise<void>;
}

/** A busy process answers late: a single measurement may be far too high. */
const numKept = 8;
const maxAgeMs = 2_000;

/**
 * Measures only when it is read: no timer, and no traffic without a reader.
 * @param ask sends a small request and resolves with its answer
 */
export function createRoundTrip(ask: () => Promise<unknown>): RoundTrip {
  let samples: readonly number[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;

  async function measure(): Promise<void> {
    const startedAt = performance.now();
    askedAt = startedAt; // a later measurement may begin before this one ends
    try {
      await ask();
      samples = [...samples, performance.now() - startedAt].slice(-numKept);
    } catch {
      // Sessions find out whether a verifier works.
    }
  }

  return {
    measure,
    read() {
      if (performance.now() - askedAt > maxAgeMs) void measure();
      return samples.length === 0 ? 0 : Math.min(...samples);
    },
  };
}
