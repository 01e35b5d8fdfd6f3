/** A seeded source of test randomness. Not for cryptography, not for production sampling. */
export interface TestRandom {
  /** Next uniform number in [0, 1), with 32 random bits. */
  next(): number;
  /** Next number of the standard normal distribution (mean 0, standard deviation 1). */
  normal(): number;
  /**
   * Next uniform integer in [0, maxExclusive).
   *
   * @throws RangeError when `maxExclusive` is no integer from 1 to 2^32
   */
  integer(maxExclusive: number): number;
}

/**
 * Creates a generator (sfc32) that yields the same numbers for the same seed on every machine.
 *
 * @param seed - any integer; only its low 32 bits count
 */
export function createTestRandom(seed: number): TestRandom {
  let stateA = 0x9e3779b9;
  let stateB = 0x243f6a88;
  let stateC = seed | 0;
  let counter = 1;

  function nextUint32(): number {
    const result = (((stateA + stateB) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    stateA = stateB ^ (stateB >>> 9);
    stateB = (stateC + (stateC << 3)) | 0;
    stateC = (((stateC << 21) | (stateC >>> 11)) + result) | 0;
    return result >>> 0;
  }
  // Seeds that differ in one bit give related first outputs: discard them.
  for (let i = 0; i < 15; i++) nextUint32();

  const next = () => nextUint32() / 2 ** 32;
  return {
    next,
    normal() {
      // Box-Muller; 1 - next() keeps the logarithm away from zero.
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return radius * Math.cos(2 * Math.PI * next());
    },
    integer(maxExclusive) {
      if (!Number.isInteger(maxExclusive) || maxExclusive < 1 || maxExclusive > 2 ** 32) {
        throw new RangeError(`maxExclusive must be an integer from 1 to 2^32, got ${maxExclusive}`);
      }
      return Math.floor(next() * maxExclusive);
    },
  };
}
