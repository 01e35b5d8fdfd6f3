import { expect, test } from "vitest";
import { chooseBatch } from "./choose-batch.ts";

const places = (...chances: number[]) => chances.map((chance) => ({ chance }));
const chosen = (chances: readonly number[], width: number, branchCost: number) =>
  chooseBatch(places(...chances), { width, branchCost }).map(({ chance }) => chance);

test("takes the likeliest places first, as many as fit", () => {
  expect(chosen([0.2, 0.9, 0.5], 2, 0.1)).toEqual([0.9, 0.5]);
  expect(chosen([], 4, 0.1)).toEqual([]);
});

test("takes a further place only while it brings more for its time than the batch so far", () => {
  // 0.3 / 0.3 = 1 is more than 0.9 / 1; then 0.3 / 0.3 is more than 1.2 / 1.3.
  expect(chosen([0.9, 0.3, 0.3], 4, 0.3)).toEqual([0.9, 0.3, 0.3]);
  // 0.2 / 0.3 is less than 0.9 / 1.
  expect(chosen([0.9, 0.2], 4, 0.3)).toEqual([0.9]);
  expect(chosen([0.9, 0.2], 4, 0.15)).toEqual([0.9, 0.2]);
});

test("a place that costs nothing is always taken", () => {
  expect(chosen([0.9, 0.001], 4, 0)).toEqual([0.9, 0.001]);
});
