import { expect, test } from "vitest";
import { createCapacity } from "./capacity.ts";

test("as many are let in as there is room for", () => {
  const capacity = createCapacity(2);
  const leave = capacity.enter();
  capacity.enter();
  expect(() => capacity.enter()).toThrow(
    expect.objectContaining({
      code: "unavailable",
      message: "the gateway has no room: 2 of 2 generations are running",
      retryAfterMs: 1000,
    }),
  );
  leave();
  leave();
  expect(capacity.numRunning).toBe(1);
  capacity.enter();
});

test("more choices of requests leave half of the places to the first ones of others", () => {
  const capacity = createCapacity(8);
  capacity.enter();
  const more = Array.from({ length: 63 }, () => capacity.enterMore()).filter(Boolean);
  expect(more).toHaveLength(3);
  for (let other = 0; other < 4; other++) capacity.enter();
  more[0]?.();
  expect(capacity.numRunning).toBe(7);
  expect(capacity.enterMore()).toBeUndefined();
});

test("draining lets nobody in, and is over when the last has left", async () => {
  const capacity = createCapacity(2);
  const leaves = [capacity.enter(), capacity.enter()];
  let isDrained = false;
  const drained = capacity.drain().then(() => {
    isDrained = true;
  });
  expect(() => capacity.enter()).toThrow("the gateway is shutting down");
  leaves[0]?.();
  await Promise.resolve();
  expect(isDrained).toBe(false);
  leaves[1]?.();
  await drained;
  await createCapacity(1).drain(); // nobody is there
});
