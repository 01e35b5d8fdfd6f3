import { expect, test } from "vitest";
import { compareTexts } from "./comparison.ts";
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
