import { describe, expect, test } from "vitest";
import { createTestRandom } from "./random.ts";
import { logGamma, upperRegularizedGamma } from "./regularized-gamma.ts";
import { chiSquareTest, totalVariation } from "./statistics.ts";

// [degrees of freedom, statistic, p-value], the usual table of critical values.
test.each([
  [1, 3.841458820694124, 0.05],
  [1, 6.634896601021213, 0.01],
  [2, 5.991464547107979, 0.05],
  [4, 9.487729036781154, 0.05],
  [10, 18.307038053275146, 0.05],
  [10, 3.9402991361190605, 0.95],
  [100, 124.34211340400407, 0.05],
  [1000, 1074.6794488, 0.05],
])("chi-square with %d degrees of freedom at %d has the tail %d", (dof, statistic, tail) => {
  expect(upperRegularizedGamma(dof / 2, statistic / 2)).toBeCloseTo(tail, 9);
});

test("the tail has a closed form at 2 and 4 degrees of freedom, far out too", () => {
  for (const x of [0.001, 0.5, 1, 2, 3, 10, 100]) {
    expect(upperRegularizedGamma(1, x) / Math.exp(-x)).toBeCloseTo(1, 12);
    expect(upperRegularizedGamma(2, x) / (Math.exp(-x) * (1 + x))).toBeCloseTo(1, 12);
  }
  expect(upperRegularizedGamma(3, 0)).toBe(1);
  expect(upperRegularizedGamma(3, Number.POSITIVE_INFINITY)).toBe(0);
});

test("the logarithm of the gamma function is that of factorials and of the root of pi", () => {
  expect(logGamma(1)).toBeCloseTo(0, 13);
  expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  expect(logGamma(0.25)).toBeCloseTo(1.2880225246980774, 13);
});

describe("chiSquareTest", () => {
  test("computes the statistic of large bins", () => {
    const result = chiSquareTest([44, 56], [0.5, 0.5]);
    expect(result.statistic).toBeCloseTo(1.44, 12);
    expect(result.degreesOfFreedom).toBe(1);
    expect(result.pValue).toBeCloseTo(0.2301393, 6);
  });

  test("merges bins that expect fewer than 5", () => {
    const result = chiSquareTest([50, 42, 1, 4, 3], [0.5, 0.4, 0.04, 0.03, 0.03]);
    expect(result.degreesOfFreedom).toBe(2);
    expect(result.statistic).toBeCloseTo(4 / 40 + 4 / 10, 12);
  });

  test("merges what is still too small with the smallest other bin", () => {
    const result = chiSquareTest([60, 38, 2], [0.6, 0.39, 0.01]);
    expect(result.degreesOfFreedom).toBe(1);
    expect(result.statistic).toBeCloseTo(0, 12);
  });

  test("a count where none can be refutes the distribution", () => {
    expect(chiSquareTest([99, 1], [1, 0]).pValue).toBe(0);
    expect(chiSquareTest([100, 0], [1, 0])).toEqual({
      statistic: 0,
      degreesOfFreedom: 0,
      pValue: 1,
    });
  });

  test("p-values of true samples are uniform, those of a wrong distribution tiny", () => {
    const random = createTestRandom(7);
    const probs = [0.4, 0.3, 0.2, 0.1];
    const wrongProbs = [0.3, 0.4, 0.2, 0.1];
    const pValues = Array.from({ length: 400 }, () => {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 1000; i++) {
        const uniform = random.next();
        const bin = uniform < 0.4 ? 0 : uniform < 0.7 ? 1 : uniform < 0.9 ? 2 : 3;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      expect(chiSquareTest(counts, wrongProbs).pValue).toBeLessThan(0.01);
      return chiSquareTest(counts, probs).pValue;
    });
    const mean = pValues.reduce((sum, value) => sum + value, 0) / pValues.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
    expect(pValues.filter((value) => value < 0.05).length / pValues.length).toBeLessThan(0.09);
  });

  test.each([
    [[1], [0.5, 0.5], "1 counts for 2 probabilities"],
    [[1.5, 1], [0.5, 0.5], "counts must be integers from 0 on"],
    [[1, 1], [0.5, 0.4], "probabilities must not be negative and must add up to 1"],
    [[1, 1], [Number.NaN, 1], "probabilities must not be negative and must add up to 1"],
    [[0, 0], [0.5, 0.5], "there are no counts"],
  ])("refuses %j against %j", (observed, probs, message) => {
    expect(() => chiSquareTest(observed, probs)).toThrow(new RangeError(message));
  });
});

test("total variation is half the sum of differences", () => {
  expect(totalVariation([0.5, 0.5, 0], [0.25, 0.25, 0.5])).toBe(0.5);
  expect(totalVariation([1, 0], [0, 1])).toBe(1);
  expect(() => totalVariation([1], [1, 0])).toThrow(
    new RangeError("distributions have 1 and 2 entries"),
  );
});
