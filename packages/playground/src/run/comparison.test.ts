import { expect, test } from "vitest";
import { compareTexts, isPlainFaster } from "./comparison.ts";
import { idleRun, type RunState } from "./run-state.ts";

const finished = (text: string, verification = "shared-noise"): RunState => ({
  ...{ ...idleRun, phase: "finished", text },
  request: {
    ...{ policy: "adaedl", verification, seed: 1 },
    ...{ temperature: 1, max_tokens: 9, num_prompt_tokens: 3 },
  },
});

test.each([
  ["the same text", finished("abc"), finished("abc"), "identical", "identical"],
  ["another text", finished("abc"), finished("axc"), "different", "part after 1 character."],
  ["a longer text", finished("abc"), finished("abcd"), "different", "part after 3 characters."],
  ["another draw", finished("a", "rejection"), finished("b"), "different", "the same law"],
  ["half a text", finished("a"), { ...finished("a"), phase: "stopped" }, "unknown", "its end"],
] as const)("%s", (_, speculative, plain, kind, words) => {
  const verdict = compareTexts(speculative, plain);
  expect(verdict?.kind).toBe(kind);
  expect(verdict?.sentence).toContain(words);
});

test("nothing is said before both have ended", () => {
  expect(compareTexts(finished("a"), idleRun)).toBeUndefined();
  expect(compareTexts(finished("a"), { ...idleRun, phase: "streaming" })).toBeUndefined();
});

const timed = (nowMs: number, numDrafted = 12): RunState => {
  const totals = { ...idleRun.totals, numTokens: 20, numDrafted };
  return { ...finished("abc"), nowMs, totals };
};

test.each([
  ["twice as fast", timed(2000), timed(1000, 0), true],
  ["as fast, but for chance", timed(1020), timed(1000, 0), false],
  ["slower", timed(1000), timed(2000, 0), false],
  ["faster than a run that drafted nothing", timed(2000, 0), timed(1000, 0), false],
  ["not what was faster", timed(2000), timed(1000), false],
  ["not at its end", timed(2000), { ...timed(1000, 0), phase: "streaming" }, false],
] as const)("plain decoding that is %s", (_, speculative, plain, expected) => {
  expect(isPlainFaster(speculative, plain)).toBe(expected);
});
