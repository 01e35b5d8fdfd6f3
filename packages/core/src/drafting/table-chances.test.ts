import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { createPolicyMemory } from "../stopping/policy-context.ts";
import { createTableChances, statedChances } from "./table-chances.ts";

const placeOf = (...chances: readonly number[]) => ({
  candidates: chances.map((chance, tokenId) => ({ tokenId, chance })),
});
const sum = (chances: readonly number[]) => chances.reduce((total, chance) => total + chance, 0);

test("before anything is learnt the table's word holds", () => {
  for (const chances of [[0.7], [0.5, 0.3, 0.1], [0.004, 0.003]]) {
    expect(statedChances.chancesOf(placeOf(...chances))).toEqual(chances);
    const learnt = createTableChances("", undefined).chancesOf(placeOf(...chances));
    for (const [rank, chance] of chances.entries()) expect(learnt[rank]).toBeCloseTo(chance);
  }
});

test("whatever a table states, chances are above 0 and sum to at most 1", () => {
  for (const stated of [[1, 1], [1e-9, 1], [0.9, 0.9, 0.9], []]) {
    const chances = createTableChances("", undefined).chancesOf(placeOf(...stated));
    expect(Math.min(...chances, 1)).toBeGreaterThan(0);
    expect(sum(chances)).toBeLessThan(1);
  }
});

test("a boastful table is believed less, in the next text too", () => {
  const { next } = createTestRandom(1);
  const memory = createPolicyMemory();
  const model = createTableChances("suffix", memory);
  const place = placeOf(0.9, 0.05);
  // It says 0.9 and is right in 30 of 100 cases; of the rest the second one is in half.
  for (let number = 0; number < 400; number++) {
    const luck = next();
    model.observe(place, luck < 0.3 ? 0 : luck < 0.65 ? 1 : 9);
  }
  for (const one of [model, createTableChances("suffix", memory)]) {
    const [first, second] = one.chancesOf(place) as [number, number];
    expect(first).toBeCloseTo(0.3, 1);
    expect(second).toBeGreaterThan(0.15);
  }
  const [other] = createTableChances("other", memory).chancesOf(place);
  expect(other).toBeCloseTo(0.9);
});

test("a draft model's evidence is refused", () => {
  const place = { entropy: 1, topProb: 0.5, candidates: [] };
  expect(() => statedChances.chancesOf(place)).toThrow("expected a table's evidence");
});
