import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { createDraftCosts } from "./draft-costs.ts";

test("tell the forward and a further place apart", () => {
  const costs = createDraftCosts();
  expect(costs).toMatchObject({ forwardMs: undefined, branchCost: 0.3 });
  const { next, integer } = createTestRandom(1);
  for (let forward = 0; forward < 300; forward++) {
    const numPlaces = 1 + integer(4);
    costs.observe(numPlaces, 6 * (1 + 0.15 * (numPlaces - 1)) * (0.9 + 0.2 * next()));
  }
  expect(costs.forwardMs).toBeCloseTo(6, 0);
  expect(costs.branchCost).toBeGreaterThan(0.12);
  expect(costs.branchCost).toBeLessThan(0.18);
});

test.each([1, 4])(
  "from forwards for %i places alone no other cost of a branch is made up",
  (numPlaces) => {
    const costs = createDraftCosts();
    for (let forward = 0; forward < 100; forward++) costs.observe(numPlaces, 19);
    expect(costs.forwardMs).toBeCloseTo(19 / (1 + 0.3 * (numPlaces - 1)), 6);
    expect(costs.branchCost).toBeCloseTo(0.3, 6);
  },
);

test("follow a machine that becomes slower, and take no notice of one hitch", () => {
  const costs = createDraftCosts();
  const forwards = (count: number, ms: number) => {
    for (let forward = 0; forward < count; forward++) costs.observe(1, ms);
  };
  forwards(100, 5);
  forwards(1, 500);
  expect(costs.forwardMs).toBeLessThan(5.5);
  forwards(300, 50);
  expect(costs.forwardMs).toBeCloseTo(50, 0);
});

test("stay costs whatever is measured", () => {
  const costs = createDraftCosts();
  for (const [numPlaces, ms] of [
    [1, 0],
    [4, 0],
    [1, 1e9],
    [4, 1e-9],
    [4, 1],
    [1, 100],
  ] as const) {
    costs.observe(numPlaces, ms);
    expect(costs.forwardMs).toBeGreaterThanOrEqual(0);
    expect(costs.branchCost >= 0 && costs.branchCost <= 1).toBe(true);
  }
});
