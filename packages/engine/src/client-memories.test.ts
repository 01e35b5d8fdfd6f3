import { expect, test } from "vitest";
import { ClientMemories } from "./client-memories.ts";

test("each client has a memory of its own, until ten minutes after it was used last", () => {
  let now = 0;
  const memories = new ClientMemories(
    () => ({}),
    () => now,
  );
  const [first, other] = [memories.of("a"), memories.of("b")];
  expect(other).not.toBe(first);
  now += 599_999;
  expect(memories.of("a")).toBe(first);
  now += 600_000;
  expect(memories.of("a")).not.toBe(first);
  expect(memories.size).toBe(1);
});
