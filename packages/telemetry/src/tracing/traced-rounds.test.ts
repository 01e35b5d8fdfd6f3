import { expect, test } from "vitest";
import { isRoundTraced } from "./traced-rounds.ts";

const traced = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index).filter(isRoundTraced);

test("all of the first rounds are traced, and then some of them, for ever", () => {
  expect(traced(0, 4)).toHaveLength(4);
  expect(traced(4, 64)).toEqual([16, 32, 48]);
  expect(traced(10_000, 10_160)).toHaveLength(10);
});
