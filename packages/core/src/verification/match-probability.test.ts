import { createTestRandom, totalVariation } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { candidateProbs } from "../sampling/distribution.ts";
import { createRandomness } from "../sampling/randomness.ts";
import { agreementOf, distributionOf, randomDistribution } from "./distributions.cases.ts";
import {
  matchProbabilities,
  matchProbability,
  matchProbabilityGradient,
} from "./match-probability.ts";
import { sharedNoise } from "./shared-noise.ts";

const pairs = fc.record({
  seed: fc.integer(),
  size: fc.integer({ min: 1, max: 60 }),
  spread: fc.constantFrom(0.1, 1, 4, 20),
  /** Logits are rounded to this step, so that ratios tie. */
  step: fc.constantFrom(0, 1, 4),
  /** Share of tokens that one of the two never chooses. */
  impossible: fc.constantFrom(0, 0.3),
});
type Pair = Record<"seed" | "size" | "spread" | "step" | "impossible", number>;

function probsOf({ seed, size, spread, step, impossible }: Pair) {
  const random = createTestRandom(seed);
  const draw = () => {
    const logits = Float64Array.from({ length: size }, (_, id) => {
      if (id > 0 && random.next() < impossible) return Number.NEGATIVE_INFINITY;
      const logit = random.normal() * spread;
      return step === 0 ? logit : Math.round(logit / step) * step;
    });
    return candidateProbs({ logits, inverseTemperature: 1, entropy: 0 });
  };
  return { target: draw(), draft: draw() };
}

/** By the definition, in O(V²). */
function matchesByDefinition(target: Float64Array, draft: Float64Array): Float64Array {
  return target.map((p, j) => {
    const q = draft[j] as number;
    if (p === 0 || q === 0) return 0;
    return 1 / target.reduce((sum, pi, i) => sum + Math.max(pi / p, (draft[i] as number) / q), 0);
  });
}

const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

test("every token's chance is the definition's", () => {
  fc.assert(
    fc.property(pairs, (pair) => {
      const { target, draft } = probsOf(pair);
      const expected = matchesByDefinition(target, draft);
      matchProbabilities(target, draft).forEach((match, id) => {
        expect(Math.abs(match - (expected[id] as number))).toBeLessThan(1e-14);
      });
    }),
    { numRuns: 500 },
  );
});

test("the sum lies between (1 - TV) / (1 + TV) and 1 - TV", () => {
  fc.assert(
    fc.property(pairs, (pair) => {
      const { target, draft } = probsOf(pair);
      const distance = totalVariation(target, draft);
      const match = sumOf(matchProbabilities(target, draft));
      expect(match).toBeGreaterThan((1 - distance) / (1 + distance) - 1e-12);
      expect(match).toBeLessThan(1 - distance + 1e-12);
    }),
  );
});

test("shared noise accepts as often, and of one target token as often as its share says", () => {
  const [target, draft] = [randomDistribution(11, 6, 1.5), randomDistribution(12, 6, 1.5)];
  const matches = matchProbabilities(candidateProbs(target), candidateProbs(draft));
  const random = createRandomness(5);
  const numDraws = 200_000;
  const accepted = new Float64Array(6);
  for (let position = 0; position < numDraws; position++) {
    const place = { position, roundStart: 0 };
    const guess = sharedNoise.guess(draft, place, random);
    const { tokenId, isAccepted } = sharedNoise.judge(target, guess, place, random);
    if (isAccepted) accepted[tokenId] = (accepted[tokenId] as number) + 1;
  }
  accepted.forEach((count, id) => {
    const match = matches[id] as number;
    const deviation = Math.sqrt((match * (1 - match)) / numDraws);
    expect(Math.abs(count / numDraws - match)).toBeLessThan(4.5 * deviation);
  });
});

test("the gradient equals central differences and sums to 0", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 30 }), (seed, size) => {
      const random = createTestRandom(seed);
      const logits = Float64Array.from({ length: size }, () => random.normal() * 2);
      const target = probsOf({ seed: seed + 1, size, spread: 2, step: 0, impossible: 0.2 }).target;
      const matchAt = (id: number, change: number) => {
        const changed = logits.map((logit, other) => logit + (other === id ? change : 0));
        const probs = candidateProbs({ logits: changed, inverseTemperature: 1, entropy: 0 });
        return sumOf(matchProbabilities(target, probs));
      };
      const draft = candidateProbs({ logits, inverseTemperature: 1, entropy: 0 });
      // Where two ratios cross, the second derivative jumps, and a difference across the jump is off by about its step.
      const logRatios = draft.map((prob, id) => Math.log((target[id] as number) / prob)).sort();
      fc.pre(logRatios.every((ratio, rank) => !(ratio - (logRatios[rank - 1] ?? -1e9) < 1e-4)));
      const gradient = matchProbabilityGradient(target, draft);
      expect(Math.abs(sumOf(gradient))).toBeLessThan(1e-13);
      gradient.forEach((slope, id) => {
        const difference = (matchAt(id, 1e-5) - matchAt(id, -1e-5)) / 2e-5;
        expect(Math.abs(slope - difference)).toBeLessThan(1e-8);
      });
    }),
  );
});

test("distributions may have different candidates", () => {
  const target = distributionOf([0.5, 0.3, 0.2], [7, 2, 9]);
  const draft = distributionOf([0.6, 0.4], [2, 11]);
  const all = (probs: Record<number, number>) =>
    distributionOf(Array.from({ length: 12 }, (_, id) => probs[id] ?? 0));
  // 1 / max-sums of token 2, the only one both can choose.
  const rate = Math.max(1, 1) + 0.5 / 0.3 + 0.2 / 0.3 + 0.4 / 0.6;
  expect(matchProbability(target, draft)).toBeCloseTo(1 / rate, 14);
  expect(matchProbability(all({ 7: 0.5, 2: 0.3, 9: 0.2 }), all({ 2: 0.6, 11: 0.4 }))).toBeCloseTo(
    1 / rate,
    14,
  );
  const [one, other] = [randomDistribution(3, 40, 2), randomDistribution(4, 40, 2)];
  expect(matchProbability(one, other)).toBeCloseTo(agreementOf(one, other), 13);
});

test("at temperature 0 it is whether both choose the same token", () => {
  const only = (tokenId: number) => distributionOf([1], [tokenId]);
  expect(matchProbability(only(3), only(3))).toBe(1);
  expect(matchProbability(only(3), only(4))).toBe(0);
});
