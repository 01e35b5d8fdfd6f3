/**
 * How long a property test of fast-check runs: `numRuns` in every test run, so that it takes a moment, and
 * for `ADAEDL_SOAK_SECONDS` seconds, each property, where that is set.
 *
 * ```ts
 * fc.assert(property, soakRuns(300));
 * test("name", work, soakTimeoutMs);
 * ```
 */
export function soakRuns(numRuns: number) {
  if (soakSeconds === 0) return { numRuns };
  return {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: soakSeconds * 1000,
    markInterruptAsFailure: false,
  };
}

const soakSeconds = Number(process.env.ADAEDL_SOAK_SECONDS ?? 0);

/** Of a test with such a property. */
export const soakTimeoutMs = 60_000 + 2_000 * soakSeconds;
