import { expect, test } from "vitest";
import { createPolicyMemory } from "./policy-context.ts";

const never = () => {
  throw new Error("it is remembered");
};

test("what was made under a key comes back, the same object, each time", () => {
  const memory = createPolicyMemory();
  const made = memory.recall("ours", () => ({ numRounds: 0 }));
  made.numRounds = 7;
  expect(memory.recall("ours", never)).toBe(made);
  expect(memory.recall("others", () => "theirs")).toBe("theirs");
  expect(memory.recall("ours", never)).toEqual({ numRounds: 7 });
});

test("nothing is a memory too", () => {
  const memory = createPolicyMemory();
  memory.recall("nothing", () => undefined);
  expect(memory.recall("nothing", never)).toBeUndefined();
});

test("memories of different services know nothing of each other", () => {
  const [ours, theirs] = [createPolicyMemory(), createPolicyMemory()];
  ours.recall("key", () => 1);
  expect(theirs.recall("key", () => 2)).toBe(2);
});

test("it keeps 64 keys and forgets the one not recalled for the longest time", () => {
  const memory = createPolicyMemory();
  for (let key = 0; key < 64; key++) memory.recall(`${key}`, () => key);
  memory.recall("0", never); // now the youngest
  memory.recall("64", () => 64); // makes it forget 1
  expect(memory.recall("0", never)).toBe(0);
  expect(memory.recall("2", never)).toBe(2);
  expect(memory.recall("1", () => "anew")).toBe("anew"); // which makes it forget 3
  expect(memory.recall("3", () => "anew")).toBe("anew");
  expect(memory.recall("64", never)).toBe(64);
});

test("what could not be made is not remembered", () => {
  const memory = createPolicyMemory();
  expect(() => memory.recall("key", never)).toThrow();
  expect(memory.recall("key", () => 1)).toBe(1);
});
