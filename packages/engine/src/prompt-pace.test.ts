import { expect, test } from "vitest";
import { createPromptPace } from "./prompt-pace.ts";

/** Lets a model of this speed compute a prompt. @returns its pieces, and how long each took */
function pieces(msPerToken: number, numTokens: number) {
  const pace = createPromptPace();
  const lengths: number[] = [];
  for (let numLeft = numTokens; numLeft > 0; ) {
    const length = Math.min(numLeft, pace.pieceLength());
    pace.observe(length, length * msPerToken);
    lengths.push(length);
    numLeft -= length;
  }
  return { lengths, pace };
}

test.each([
  ["fast", 0.1, 600, [32, 256, 256, 56]],
  ["of 250 tokens/s", 4, 600, [32, 128, 128, 128, 128, 56]],
  ["of 40 tokens/s", 25, 100, [32, 32, 32, 4]],
  ["of 6 tokens/s", 160, 80, [32, 16, 16, 16]],
])("a model that is %s computes pieces of about a second", (_, msPerToken, numTokens, expected) => {
  expect(pieces(msPerToken, numTokens).lengths).toEqual(expected);
});

test.each([
  [0.1, 20_000],
  [4, 500],
  [160, 32],
])("at %d ms a token a step holds two seconds of tokens", (msPerToken, stepTokens) => {
  expect(pieces(msPerToken, 64).pace.stepTokens).toBe(stepTokens);
});

test("ignores steps of few tokens, and recovers from a slow one", () => {
  const pace = createPromptPace();
  pace.observe(1, 900);
  expect(pace.pieceLength()).toBe(32);
  pace.observe(32, 32);
  expect(pace.pieceLength()).toBe(256);
  pace.observe(256, 5_000);
  expect(pace.pieceLength()).toBe(64);
  for (let step = 0; step < 3; step++) pace.observe(64, 64);
  expect(pace.pieceLength()).toBe(256);
});
