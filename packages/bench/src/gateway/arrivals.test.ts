import { expect, test } from "vitest";
import { poissonArrivals } from "./arrivals.ts";

test("arrivals ascend within the window, and none come from an empty one", () => {
  const arrivals = poissonArrivals(100, 1_000);
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  expect(arrivals.every((at) => at > 0 && at < 1_000)).toBe(true);
  expect(poissonArrivals(100, 0)).toEqual([]);
});

test("the gaps are exponential: their mean is the rate's, their median ln 2 of it", () => {
  let draw = 0;
  const evenly = () => (draw++ % 1_000) / 1_000; // every quantile once in a thousand draws
  const arrivals = poissonArrivals(50, 20_000, evenly);
  const gaps = arrivals.map((at, i) => at - (arrivals[i - 1] ?? 0)).slice(0, 1_000);
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / 1_000).toBeCloseTo(20, 0);
  expect(gaps[500]).toBeCloseTo(20 * Math.LN2, 6);
});
