import { expect, test } from "vitest";
import { isStepTraced } from "./traced-steps.ts";

test("the first steps are traced, then two in each twice as long stretch", () => {
  const numbers = Array.from({ length: 8_000 }, (_, number) => number).filter(isStepTraced);
  expect(numbers.slice(0, 12)).toEqual([0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]);
  expect(numbers.slice(-2)).toEqual([4_096, 6_144]);
  expect(numbers).toHaveLength(26);
});
