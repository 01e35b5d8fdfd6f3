import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelPlace } from "../stream/ports.ts";
import { type ChanceModel, createEntropyChances } from "./chances.ts";
import { createLearntChances } from "./learnt-chances.ts";

const placeOf = (entropy: number, numCandidates: number): ModelPlace => ({
  entropy,
  topProb: 0.5,
  candidates: Array.from({ length: numCandidates }, (_, tokenId) => ({ tokenId, prob: 0.3 })),
});

test("the entropy gives the first candidate AdaEDL's bound, and half of what is left to the next", () => {
  const chances = createEntropyChances(0.2);
  expect(chances.chancesOf(placeOf(0.2, 3))).toEqual(
    [0.8, 0.1, 0.05].map((chance) => expect.closeTo(chance, 12)),
  );
  // 1 - sqrt(0.2 * 3.2) = 0.2: the next ones are no likelier than the first.
  expect(chances.chancesOf(placeOf(3.2, 3))).toEqual([0.2, 0.2, 0.2].map((c) => expect.closeTo(c)));
  expect(chances.chancesOf(placeOf(0, 1))).toEqual([0.98]);
  expect(chances.chancesOf(placeOf(100, 2))).toEqual([0.02, 0.02]);
  expect(chances.chancesOf(placeOf(1, 0))).toEqual([]);
});

describe.each<[string, () => ChanceModel]>([
  ["adaedl", () => createEntropyChances(0.2)],
  ["learnt", () => createLearntChances(0.2, "", undefined)],
])("%s chances", (_, create) => {
  const amount = fc.oneof(
    fc.double({ min: 0, noNaN: true }),
    fc.constantFrom(0, 5e-324, 1, Number.POSITIVE_INFINITY),
  );
  const probability = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
  const candidate = fc.record({
    tokenId: fc.nat(4),
    prob: probability,
    behind: fc.option(amount, { nil: undefined }),
  });
  const place = fc.record({
    entropy: amount,
    topProb: probability,
    candidates: fc.uniqueArray(candidate, { maxLength: 4, selector: ({ tokenId }) => tokenId }),
  });

  test("are chances, whatever the evidence, before and after learning from it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.nat(4)), { maxLength: 60 }), (places) => {
        const model = create();
        for (const [one, tokenId] of places) {
          const chances = model.chancesOf(one);
          expect(chances).toHaveLength(one.candidates.length);
          for (const chance of chances) expect(chance > 0 && chance <= 1).toBe(true);
          expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1);
          model.observe(one, tokenId);
        }
      }),
      { numRuns: 200 },
    );
  });
});
