import { expect, test } from "vitest";
import { median, quantile } from "./statistics.ts";

test("the median is the middle, or the mean of the two in the middle", () => {
  expect(median([9, 1, 4])).toBe(4);
  expect(median([9, 1, 4, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

test("quantiles are interpolated", () => {
  expect(quantile([0, 10], 0.9)).toBe(9);
  expect(quantile([3, 1, 2], 0)).toBe(1);
  expect(quantile([3, 1, 2], 1)).toBe(3);
});
