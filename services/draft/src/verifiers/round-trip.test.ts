import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRoundTrip } from "./round-trip.ts";

test("keeps the shortest of a few measurements, and measures again only when read", async () => {
  const answersAfterMs = [80, 20, 60];
  const ask = vi.fn(() => sleep(answersAfterMs.shift()));
  const roundTrip = createRoundTrip(ask);
  for (let count = 0; count < 3; count++) await roundTrip.measure();
  expect(roundTrip.read()).toBeGreaterThan(18);
  expect(roundTrip.read()).toBeLessThan(58);
  expect(ask).toHaveBeenCalledTimes(3);
});

test("an answer that takes longer than the pause between measurements counts in full", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const answersAfterMs = [2_500, 1_000];
  const ask = () => new Promise((resolve) => setTimeout(resolve, answersAfterMs.shift()));
  const roundTrip = createRoundTrip(ask);
  void roundTrip.measure();
  await vi.advanceTimersByTimeAsync(2_100);
  roundTrip.read(); // measures again
  await vi.advanceTimersByTimeAsync(400);
  expect(roundTrip.read()).toBe(2_500);
  await vi.advanceTimersByTimeAsync(600);
  expect(roundTrip.read()).toBe(1_000);
});

test("is 0 before the first answer, and stays what it was where there is none", async () => {
  const ask = vi.fn(async () => {
    throw new Error("away");
  });
  const roundTrip = createRoundTrip(ask);
  expect(roundTrip.read()).toBe(0);
  await roundTrip.measure();
  expect(roundTrip.read()).toBe(0);
});
