import { expect, test } from "vitest";
import { createWallClock } from "./wall-clock.ts";

function manualClock(startedAt: number) {
  let elapsed = 0;
  let setBy = 0;
  return {
    now: createWallClock(
      () => Math.floor(startedAt + elapsed + setBy),
      () => elapsed,
    ),
    advance(ms: number) {
      elapsed += ms;
    },
    set(ms: number) {
      setBy += ms;
    },
  };
}

test("fractions of milliseconds are told", () => {
  const clock = manualClock(1_000_000);
  const first = clock.now();
  clock.advance(0.25);
  expect(clock.now() - first).toBeCloseTo(0.25, 6);
  clock.advance(100.5);
  expect(clock.now() - first).toBeCloseTo(100.75, 6);
  expect(first).toBe(1_000_000);
});

test.each([5_000, -5_000])("a clock that is set by %i ms is followed", (ms) => {
  const clock = manualClock(1_000_000);
  const first = clock.now();
  clock.set(ms);
  expect(clock.now() - first).toBe(ms);
});

test("as is one that goes faster", () => {
  const clock = manualClock(1_000_000);
  clock.now();
  for (let second = 1; second <= 100; second++) {
    clock.advance(1_000);
    clock.set(1);
    expect(Math.abs(clock.now() - (1_000_000 + second * 1_001))).toBeLessThanOrEqual(3);
  }
});
