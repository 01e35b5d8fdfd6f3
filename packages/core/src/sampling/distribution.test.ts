import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { candidateProbs, entropyOf, maxOf, tokenIdAt } from "./distribution.ts";

function softmax(logits: readonly number[], inverseTemperature: number): number[] {
  const weights = logits.map((logit) =>
    Math.exp((logit - Math.max(...logits)) * inverseTemperature),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function entropyNaively(probs: readonly number[]): number {
  return probs.reduce((sum, prob) => (prob > 0 ? sum - prob * Math.log(prob) : sum), 0);
}

const cases = fc.record({
  seed: fc.integer(),
  size: fc.integer({ min: 1, max: 200 }),
  spread: fc.constantFrom(0, 0.1, 1, 10, 1000),
  inverseTemperature: fc.constantFrom(0.01, 1 / 1.7, 1, 1 / 0.3, 100),
});

function logitsOf({ seed, size, spread }: { seed: number; size: number; spread: number }) {
  const random = createTestRandom(seed);
  return Float32Array.from({ length: size }, () => random.normal() * spread - 50);
}

test("probabilities and entropy equal their definitions", () => {
  fc.assert(
    fc.property(cases, (input) => {
      const logits = logitsOf(input);
      const { inverseTemperature } = input;
      const expected = softmax([...logits], inverseTemperature);
      const probs = candidateProbs({ logits, inverseTemperature, entropy: 0 });
      probs.forEach((prob, index) => {
        expect(Math.abs(prob - (expected[index] as number))).toBeLessThan(1e-13);
      });
      const entropy = entropyOf(logits, inverseTemperature);
      expect(Math.abs(entropy - entropyNaively(expected))).toBeLessThan(1e-11);
      expect(entropy).toBeGreaterThanOrEqual(0);
    }),
  );
});

test.each([1, 2, 7, 50_000])("the entropy of %d equal tokens is the logarithm", (size) => {
  expect(entropyOf(new Float32Array(size).fill(3), 0.5)).toBeCloseTo(Math.log(size), 12);
});

test("an impossible token has no probability and does not count in the entropy", () => {
  const logits = Float32Array.of(1, Number.NEGATIVE_INFINITY, 1);
  expect([...candidateProbs({ logits, inverseTemperature: 2, entropy: 0 })]).toEqual([0.5, 0, 0.5]);
  expect(entropyOf(logits, 2)).toBeCloseTo(Math.LN2, 14);
});

test("a logit that is not a number makes the entropy not a number", () => {
  expect(entropyOf(Float32Array.of(1, Number.NaN, 2), 1)).toBeNaN();
  expect(entropyOf(Float32Array.of(1, Number.POSITIVE_INFINITY), 1)).toBeNaN();
});

test("the maximum is NaN wherever a NaN stands", () => {
  expect(maxOf(Float32Array.of(-3, -1, -2))).toBe(-1);
  for (const place of [0, 1, 2])
    expect(maxOf(Float32Array.of(-3, -1, -2).fill(Number.NaN, place, place + 1))).toBeNaN();
});

test("without ids of its own a distribution is over the whole vocabulary", () => {
  const distribution = { logits: Float32Array.of(0, 0), inverseTemperature: 1, entropy: Math.LN2 };
  expect(tokenIdAt(distribution, 1)).toBe(1);
  expect(tokenIdAt({ ...distribution, tokenIds: Int32Array.of(8, 9) }, 1)).toBe(9);
});
