import { expect, it } from "vitest";
import { createArrivalClock } from "./arrival-clock.ts";

const steady = { jitter: 0, random: () => 0.9, bitsPerMs: Number.POSITIVE_INFINITY };

it("adds the delay that each piece was sent under", () => {
  const clock = createArrivalClock(steady);
  expect(clock.arrivalMs(1000, 5, 10)).toBe(15);
  expect(clock.arrivalMs(1000, 7, 20)).toBe(27);
});

it("has a piece never overtake what was sent ahead of it", () => {
  const clock = createArrivalClock(steady);
  expect(clock.arrivalMs(1, 0, 100)).toBe(100);
  expect(clock.arrivalMs(1, 10, 1)).toBe(100);
  expect(clock.arrivalMs(1, 110, 1)).toBe(111);
});

it("sends one piece after the other at the bandwidth, and they travel side by side", () => {
  const clock = createArrivalClock({ ...steady, bitsPerMs: 8000 });
  expect(clock.arrivalMs(2000, 0, 50)).toBe(52);
  expect(clock.arrivalMs(2000, 0, 50)).toBe(54);
  expect(clock.arrivalMs(2000, 100, 50)).toBe(152);
});

it("strays from the mean by the fraction of it, evenly both ways", () => {
  const draws = [0, 0.5, 0.75];
  const random = () => draws.shift() as number;
  const clock = createArrivalClock({ ...steady, jitter: 0.2, random });
  expect(clock.arrivalMs(1, 0, 10)).toBeCloseTo(8, 9);
  expect(clock.arrivalMs(1, 100, 10)).toBeCloseTo(110, 9);
  expect(clock.arrivalMs(1, 200, 10)).toBeCloseTo(211, 9);
});
