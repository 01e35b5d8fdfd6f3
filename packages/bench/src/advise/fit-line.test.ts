import { expect, test } from "vitest";
import { fitLine } from "./fit-line.ts";

test("points on a line give the line", () => {
  const { base, slope } = fitLine([1, 2, 5, 8].map((x) => [x, 30 + 1.5 * x]));
  expect(base).toBeCloseTo(30);
  expect(slope).toBeCloseTo(1.5);
});

test("of points beside it the squares are least", () => {
  // By hand: means 2 and 3; covariance (-1 * -1 + 0 * -1 + 1 * 2) / 3 = 1, variance 2 / 3.
  const { base, slope } = fitLine([
    [1, 2],
    [2, 2],
    [3, 5],
  ]);
  expect(slope).toBeCloseTo(1.5);
  expect(base).toBeCloseTo(0);
});
