import fc from "fast-check";
import { expect, test } from "vitest";
import type { Slab } from "./block-slabs.ts";
import { costOf, type GroupedStep, groupSteps } from "./group-steps.ts";

const slabOf = (capacity: number): Slab => ({ capacity, numPlaces: 16, tensors: [] });
const stepAt = (slab: Slab, index: number, numTokens = 1): GroupedStep => ({
  ...{ place: { slab, index }, numBlocks: slab.capacity, numTokens },
});
/** Places and rows of each group: "1-4 x 2". */
const shapesOf = (steps: readonly GroupedStep[]) =>
  groupSteps(steps).map(
    ({ first, numPlaces, numTokens }) =>
      `${first.index}-${first.index + numPlaces - 1} x ${numTokens}`,
  );

test("neighbours attend together", () => {
  const slab = slabOf(2);
  expect(shapesOf([stepAt(slab, 3), stepAt(slab, 1), stepAt(slab, 2)])).toEqual(["1-3 x 1"]);
});

test("a place between them is computed where that is cheaper, and no two", () => {
  const slab = slabOf(1);
  expect(shapesOf([stepAt(slab, 0), stepAt(slab, 2)])).toEqual(["0-2 x 1"]);
  expect(shapesOf([stepAt(slab, 0), stepAt(slab, 3)])).toEqual(["0-0 x 1", "3-3 x 1"]);
});

test("rounds of unlike length attend together, a prompt by itself", () => {
  const slab = slabOf(1);
  const steps = [stepAt(slab, 0, 4), stepAt(slab, 1, 5), stepAt(slab, 2, 100), stepAt(slab, 3, 4)];
  expect(shapesOf(steps)).toEqual(["0-1 x 5", "2-2 x 100", "3-3 x 4"]);
});

test("slabs are not mixed", () => {
  const [one, other] = [slabOf(1), slabOf(1)];
  expect(shapesOf([stepAt(one, 0), stepAt(other, 1)])).toEqual(["0-0 x 1", "1-1 x 1"]);
});

const steps = fc
  .uniqueArray(
    fc.record({
      slab: fc.integer({ min: 0, max: 3 }),
      index: fc.integer({ min: 0, max: 15 }),
      numTokens: fc.integer({ min: 1, max: 60 }),
      numBlocks: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 32, selector: ({ slab, index }) => slab * 16 + index },
  )
  .map((list) => {
    const slabs = [1, 2, 3, 4].map(slabOf);
    return list.map(({ slab, index, numTokens, numBlocks }) => {
      const place = { slab: slabs[slab] as Slab, index };
      return { place, numTokens, numBlocks: Math.min(numBlocks, slab + 1) };
    });
  });

test("each step is in one group, which has room for it and costs no more than its steps alone", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const groups = groupSteps(list);
      expect(new Set(groups.flatMap((group) => group.steps))).toEqual(new Set(list));
      expect(groups.flatMap((group) => group.steps)).toHaveLength(list.length);
      for (const group of groups) {
        const { first, numPlaces, numTokens, numBlocks } = group;
        let before = -1;
        for (const { place, ...step } of group.steps) {
          expect(place.slab).toBe(first.slab);
          expect(place.index).toBeGreaterThan(before);
          expect(place.index - first.index).toBeLessThan(numPlaces);
          expect(step.numTokens).toBeLessThanOrEqual(numTokens);
          expect(step.numBlocks).toBeLessThanOrEqual(numBlocks);
          before = place.index;
        }
        expect(numBlocks).toBeLessThanOrEqual(first.slab.capacity);
        if (numPlaces > 1) expect(numBlocks).toBe(first.slab.capacity);
        const alone = group.steps.map((step) => groupSteps([step]).map(costOf)[0] ?? 0);
        expect(costOf(group)).toBeLessThanOrEqual(alone.reduce((sum, cost) => sum + cost, 0));
      }
    }),
  );
});
