import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { createPolicyMemory } from "../stopping/policy-context.ts";
import { createMergedChances, type PlaceClaims } from "./merged-chances.ts";

const claim = (tokenId: number, chance: number) => ({ tokenId, chance });
const chanceOf = ({ own, others }: PlaceClaims, tokenId: number) =>
  [...own, ...others].find((one) => one.tokenId === tokenId)?.chance ?? 0;

test("where nobody else proposed anything, claims are as they were", () => {
  const claims = { own: [claim(1, 0.6), claim(2, 0.2)], others: [] };
  expect(createMergedChances("", undefined).merge(claims)).toBe(claims);
});

test("before anything is learnt, agreement makes likelier and disagreement less likely", () => {
  const { merge } = createMergedChances("", undefined);
  const own = [claim(1, 0.6), claim(2, 0.2)];
  expect(chanceOf(merge({ own, others: [claim(1, 0.9)] }), 1)).toBeGreaterThan(0.75);
  const disputed = merge({ own, others: [claim(3, 0.1)] });
  expect(disputed.own.map(({ tokenId }) => tokenId)).toEqual([1, 2]);
  expect(chanceOf(disputed, 1)).toBeCloseTo(0.6, 1);
  expect(chanceOf(disputed, 3)).toBeLessThan(0.05);
  const overruled = merge({ own, others: [claim(3, 0.97)] });
  expect(chanceOf(overruled, 3)).toBeGreaterThan(chanceOf(overruled, 1));
});

test("chances are above 0 and sum to at most 1", () => {
  const { next, integer } = createTestRandom(1);
  const { merge } = createMergedChances("", undefined);
  const draw = () =>
    Array.from({ length: 1 + integer(3) }, (_, rank) => claim(integer(2) * 3 + rank, next()));
  for (let run = 0; run < 500; run++) {
    const { own, others } = merge({ own: draw(), others: draw() });
    const chances = [...own, ...others].map(({ chance }) => chance);
    expect(Math.min(...chances)).toBeGreaterThan(0);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1 + 1e-9);
  }
});

test("what agreement is worth is learnt, for the next text too", () => {
  const memory = createPolicyMemory();
  const merged = createMergedChances("model", memory);
  const claims = { own: [claim(1, 0.6)], others: [claim(1, 0.5)] };
  for (let run = 0; run < 300; run++) merged.observe(claims, run % 5 === 0 ? 1 : 2);
  for (const one of [merged, createMergedChances("model", memory)])
    expect(chanceOf(one.merge(claims), 1)).toBeCloseTo(0.2, 1);
});

test("disagreements change nothing: each side's word is calibrated by its own record", () => {
  const merged = createMergedChances("model", undefined);
  const claims = { own: [claim(1, 0.6)], others: [claim(2, 0.1)] };
  const before = merged.merge(claims);
  for (let run = 0; run < 300; run++) merged.observe(claims, 2);
  expect(merged.merge(claims)).toEqual(before);
});
