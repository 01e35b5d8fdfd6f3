import type { TokenDistribution } from "@adaedl/core";
import { expect, test } from "vitest";
import { hitsAt } from "./hit-rates.ts";

const vocabSize = 12;
/** Another one for each number. */
const someDistribution = (number: number): TokenDistribution => ({
  logits: Float32Array.from({ length: vocabSize }, (_, id) => 4 * Math.sin(37 * id + 91 * number)),
  inverseTemperature: 1,
  entropy: 1,
});
const overlapOf = (target: TokenDistribution, draft: TokenDistribution) => {
  const [p, q] = [target, draft].map(({ logits }) => {
    const weights = Array.from(logits, Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }) as [number[], number[]];
  return p.reduce((sum, prob, index) => sum + Math.min(prob, q[index] as number), 0);
};

test("equal distributions always agree on the first candidate", () => {
  const one = someDistribution(3);
  for (const rates of Object.values(hitsAt(one, one, vocabSize, 200, 7)))
    expect(rates.map((rate: number) => rate.toFixed(6))).toEqual(Array(4).fill("1.000000"));
});

test("the first candidate of recursive rejection is accepted as the overlap says, shared noise follows below", () => {
  for (let round = 0; round < 5; round++) {
    const [target, draft] = [someDistribution(round), someDistribution(round + 0.5)];
    const { sharedNoise, recursiveRejection } = hitsAt(target, draft, vocabSize, 4_000, round);
    const overlap = overlapOf(target, draft);
    expect(recursiveRejection[0]).toBeCloseTo(overlap, 1);
    expect(sharedNoise[0]).toBeGreaterThan(overlap / (2 - overlap) - 0.03); // Daliri et al.
    expect(sharedNoise[0]).toBeLessThan(overlap + 0.03); // no coupling does better
    for (const rates of [sharedNoise, recursiveRejection])
      expect([...rates].sort((a, b) => a - b)).toEqual(rates);
  }
});
