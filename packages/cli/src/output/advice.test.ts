import type { Advice } from "@adaedl/bench";
import pc from "picocolors";
import { expect, test } from "vitest";
import { adviceJson, renderAdvice } from "./advice.ts";

const question = { pair: "mine", rttMs: 20, temperature: 0.7, numTexts: 1, numTokens: 100 };
const policy = (name: string, timesPlain: number, targetForwardsPer100Tokens: number) => ({
  ...{ policy: name, timesPlain, targetForwardsPer100Tokens },
  tokensPerSecond: 30 * timesPlain,
});

/** Advice in which streams gain up to `reachMs`, and `stream` is so many times as fast as plain. */
function adviceWith(reachMs: number | undefined, timesPlain: number): Advice {
  return {
    costs: { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1, plainMs: 30 },
    policies: [
      policy("none", 1, 100),
      policy("static:3", 0.9, 40),
      policy("stream", timesPlain, 45),
    ],
    breakEven: {
      ...{ timesPlain: 1.9, tokensPerForward: 2, plainMs: 30, verifyMs: 31.5 },
      rttMs: reachMs,
    },
  };
}

const say = (reachMs: number | undefined, timesPlain: number) =>
  renderAdvice(question, adviceWith(reachMs, timesPlain), pc.createColors(false));

test("the line is said with its numbers, and who is the fastest", () => {
  const text = say(24, 1.1);
  expect(text).toContain(
    [
      "Drafting pays up to a round trip of 24 ms: beside the verifier a target forward brings 2.00 tokens in 31.5 ms, which plain streaming writes in 60 ms.",
      "Beyond that a stream gains less than 5 %, and loses nothing.",
      "At 20 ms stream is the fastest, 1.10 times plain streaming.",
      "Target forwards are saved in any case: 40.00 instead of 100 per 100 tokens with static:3.",
    ].join("\n"),
  );
  expect(text).toContain("verifying k of them 30 ms + k × 1 ms, a plain token 30 ms.");
});

test.each([
  ["beyond the line", 10, 0.9, "At 20 ms plain decoding is the fastest"],
  ["just within it", 20.1, 1.002, "At 20 ms that is next to nothing: plain decoding is as fast."],
  ["nowhere", undefined, 0.9, "Drafting pays at no distance: beside the verifier"],
  ["a little beyond it", 19, 1.02, "At 20 ms stream is the fastest, 1.02 times"],
])("where plain streaming is about as good, that is said: %s", (_, reachMs, timesPlain, said) => {
  expect(say(reachMs, timesPlain)).toContain(said);
});

test("for programs, whether it pays is one word", () => {
  expect(adviceJson(question, adviceWith(24, 1.1))).toMatchObject({ ...question, pays: true });
  expect(adviceJson(question, adviceWith(24, 1.001))).toMatchObject({ pays: false });
});
