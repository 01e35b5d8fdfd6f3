/** How far away something is. */
export interface RoundTrip {
  /** The shortest of the last few measurements; 0 before the first. Measures again when the last is old. */
  read(): number;
  /** Measures now. A failure leaves what is known. */
  measure(): Promise<void>;
}

/** A busy process answers late, so one measurement alone says too much. */
const numKept = 8;
const maxAgeMs = 2_000;

/**
 * Measures only while somebody reads it: no timer, and no traffic without a reader.
 * @param ask one small question and its answer
 */
export function createRoundTrip(ask: () => Promise<unknown>): RoundTrip {
  let samples: readonly number[] = [];
  let askedAt = Number.NEGATIVE_INFINITY;

  async function measure(): Promise<void> {
    askedAt = performance.now();
    try {
      await ask();
      samples = [...samples, performance.now() - askedAt].slice(-numKept);
    } catch {
      // Whether a verifier works, its sessions find out.
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
