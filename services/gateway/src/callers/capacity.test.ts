import { expect, test } from "vitest";
import { createCapacity } from "./capacity.ts";

test("as many are let in as there is room for", () => {
  const capacity = createCapacity(3);
  const leave = capacity.enter(2);
  expect(() => capacity.enter(2)).toThrow(
    expect.objectContaining({
      code: "unavailable",
      message: "the gateway has no room: 2 of 3 generations are running",
      retryAfterMs: 1000,
    }),
  );
  expect(() => capacity.enter(4)).toThrow("n must be within the gateway's room, 3, got 4");
  capacity.enter(1);
  leave();
  leave();
  expect(capacity.numRunning).toBe(1);
  capacity.enter(2);
});

test("draining lets nobody in, and is over when the last has left", async () => {
  const capacity = createCapacity(2);
  const leaves = [capacity.enter(1), capacity.enter(1)];
  let isDrained = false;
  const drained = capacity.drain().then(() => {
    isDrained = true;
  });
  expect(() => capacity.enter(1)).toThrow("the gateway is shutting down");
  leaves[0]?.();
  await Promise.resolve();
  expect(isDrained).toBe(false);
  leaves[1]?.();
  await drained;
  await createCapacity(1).drain(); // nobody is there
});
