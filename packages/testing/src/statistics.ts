import { upperRegularizedGamma } from "./regularized-gamma.ts";

/** Below this expected count a bin's deviation is no longer close to a normal distribution. */
const MIN_EXPECTED_COUNT = 5;

/** Result of a chi-square goodness-of-fit test. */
export interface ChiSquareResult {
  /** Sum of (observed - expected)^2 / expected over the bins left after merging. */
  readonly statistic: number;
  /** Number of bins left after merging, less one. */
  readonly degreesOfFreedom: number;
  /** Probability of a statistic at least this large if the expectation is right, in [0, 1]. */
  readonly pValue: number;
}

interface Bin {
  readonly observed: number;
  readonly expected: number;
}

/**
 * Tests whether counts were drawn from a distribution. Bins with an expected count below 5 are
 * merged into one; should that still expect fewer than 5, it is merged with the smallest other
 * bin. A count where the probability is zero gives the p-value 0. With one bin left there is
 * nothing to test, and the p-value is 1.
 *
 * @param observed - counts, [numBins]
 * @param expectedProbs - probabilities that add up to 1 within 1e-6, [numBins]
 * @throws RangeError when lengths differ, there are no counts, a count is no integer from 0 on or
 *   the probabilities are none
 */
export function chiSquareTest(
  observed: readonly number[],
  expectedProbs: readonly number[],
): ChiSquareResult {
  const bins = mergeSmallBins(createBins(observed, expectedProbs));
  const degreesOfFreedom = bins.length - 1;
  const hasImpossible = expectedProbs.some((prob, i) => prob === 0 && (observed[i] ?? 0) > 0);
  if (hasImpossible) {
    return { statistic: Number.POSITIVE_INFINITY, degreesOfFreedom, pValue: 0 };
  }
  if (degreesOfFreedom === 0) return { statistic: 0, degreesOfFreedom, pValue: 1 };
  const statistic = bins.reduce(
    (sum, bin) => sum + (bin.observed - bin.expected) ** 2 / bin.expected,
    0,
  );
  return {
    statistic,
    degreesOfFreedom,
    pValue: upperRegularizedGamma(degreesOfFreedom / 2, statistic / 2),
  };
}

/**
 * Total variation distance of two distributions: half the sum of the absolute differences, in
 * [0, 1] when both add up to 1.
 *
 * @throws RangeError when the lengths differ
 */
export function totalVariation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length !== second.length) {
    throw new RangeError(`distributions have ${first.length} and ${second.length} entries`);
  }
  let sum = 0;
  for (let i = 0; i < first.length; i++) {
    sum += Math.abs((first[i] ?? Number.NaN) - (second[i] ?? Number.NaN));
  }
  return sum / 2;
}

function createBins(observed: readonly number[], expectedProbs: readonly number[]): Bin[] {
  if (observed.length !== expectedProbs.length) {
    throw new RangeError(`${observed.length} counts for ${expectedProbs.length} probabilities`);
  }
  if (!observed.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError("counts must be integers from 0 on");
  }
  const sumOfProbs = expectedProbs.reduce((sum, prob) => sum + prob, 0);
  if (!expectedProbs.every((prob) => prob >= 0) || !(Math.abs(sumOfProbs - 1) <= 1e-6)) {
    throw new RangeError("probabilities must not be negative and must add up to 1");
  }
  const numSamples = observed.reduce((sum, count) => sum + count, 0);
  if (numSamples === 0) throw new RangeError("there are no counts");
  return expectedProbs.map((prob, i) => ({
    observed: observed[i] ?? Number.NaN,
    expected: numSamples * prob,
  }));
}

function mergeSmallBins(bins: readonly Bin[]): Bin[] {
  const large = bins.filter((bin) => bin.expected >= MIN_EXPECTED_COUNT);
  const small = bins.filter((bin) => bin.expected < MIN_EXPECTED_COUNT);
  if (small.length === 0) return large;
  const merged = small.reduce(mergeBins);
  large.sort((a, b) => a.expected - b.expected);
  const [smallest, ...others] = large;
  if (merged.expected >= MIN_EXPECTED_COUNT || smallest === undefined) return [merged, ...large];
  return [mergeBins(merged, smallest), ...others];
}

function mergeBins(first: Bin, second: Bin): Bin {
  return {
    observed: first.observed + second.observed,
    expected: first.expected + second.expected,
  };
}
