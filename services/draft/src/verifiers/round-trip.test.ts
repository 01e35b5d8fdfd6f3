import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
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

test("is 0 before the first answer, and stays what it was where there is none", async () => {
  const ask = vi.fn(async () => {
    throw new Error("away");
  });
  const roundTrip = createRoundTrip(ask);
  expect(roundTrip.read()).toBe(0);
  await roundTrip.measure();
  expect(roundTrip.read()).toBe(0);
});
