import { expect, test } from "vitest";
import { isRoundTraced } from "./traced-rounds.ts";

const traced = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index).filter(isRoundTraced);

test("all of the first rounds are traced, and then some of them, for ever", () => {
  expect(traced(0, 8)).toHaveLength(8);
  expect(traced(8, 64)).toEqual([8, 16, 24, 32, 40, 48, 56]);
  expect(traced(10_000, 10_080)).toHaveLength(10);
});
