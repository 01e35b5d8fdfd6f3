import type { Advice } from "@adaedl/bench";
import pc from "picocolors";
import { expect, test } from "vitest";
import { adviceJson, renderAdvice } from "./advice.ts";

const question = { pair: "mine", rttMs: 20, temperature: 0.7, numTexts: 1, numTokens: 100 };
const policy = (name: string, timesPlain: number, targetForwardsPer100Tokens: number) => ({
  ...{ policy: name, timesPlain, targetForwardsPer100Tokens },
  tokensPerSecond: 30 * timesPlain,
});

/** Advice whose break-even is `reachMs`, and in which `adaedl` is so many times as fast as plain. */
function adviceWith(reachMs: number, timesPlain: number): Advice {
  return {
    costs: { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1, plainMs: 30 },
    policies: [
      policy("none", 1, 100),
      policy("static:3", 0.9, 40),
      policy("adaedl", timesPlain, 45),
    ],
    breakEven: {
      ...{ draftLength: 3, tokensPerRound: 2.5, plainMs: 30, draftMs: 18, verifyMs: 33 },
      rttMs: reachMs,
    },
  };
}

const say = (reachMs: number, timesPlain: number) =>
  renderAdvice(question, adviceWith(reachMs, timesPlain), pc.createColors(false));

test("the line is said with its numbers, and who is the fastest", () => {
  const text = say(24, 1.1);
  expect(text).toContain(
    [
      "Drafting pays up to a round trip of 24 ms: a round of 3 guesses brings 2.50 tokens, which plain streaming writes in 75 ms;",
      "drafting and judging it take 18 ms + 33 ms, and the round trip the rest.",
      "At 20 ms adaedl is the fastest, 1.10 times plain streaming.",
      "Target forwards are saved in any case: 40.00 instead of 100 per 100 tokens with static:3.",
    ].join("\n"),
  );
  expect(text).toContain("judging k of them 30 ms + k × 1 ms, a plain token 30 ms.");
});

test.each([
  ["beyond the line", 10, 0.9, "At 20 ms plain decoding is the fastest"],
  ["just within it", 20.1, 1.002, "At 20 ms that is next to nothing: plain decoding is as fast."],
  ["nowhere", -4, 0.9, "Plain streaming is faster at every distance: a round of 3 guesses"],
  ["an adaptive policy beyond it", 19, 1.02, "At 20 ms adaedl is the fastest, 1.02 times"],
])("where plain streaming is about as good, that is said: %s", (_, reachMs, timesPlain, said) => {
  expect(say(reachMs, timesPlain)).toContain(said);
});

test("for programs, whether it pays is one word", () => {
  expect(adviceJson(question, adviceWith(24, 1.1))).toMatchObject({ ...question, pays: true });
  expect(adviceJson(question, adviceWith(24, 1.001))).toMatchObject({ pays: false });
});
