import { parsePolicy } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { play } from "../policies/play.ts";
import { performTape } from "../policies/tape/tape.ts";
import { tapeOf } from "../policies/tape.cases.ts";
import { breakEvenOf, furthestBreakEven, type StaticResult } from "./break-even.ts";
import { costsOf, type PairCosts } from "./pair-costs.ts";

const costs: PairCosts = { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1, plainMs: 30 };
const rounds = (draftLength: number, numTokens: number): StaticResult => ({
  draftLength,
  result: { numTokens, numForwards: 100, numDrafted: 100 * draftLength },
});

describe("the break-even line", () => {
  test("is what a round's tokens are worth, less drafting and judging", () => {
    // 2.5 tokens at 30 ms are 75 ms; 3 guesses are 18 ms to draft, and 30 + 3 to judge.
    expect(breakEvenOf(rounds(3, 250), costs)).toEqual({
      draftLength: 3,
      tokensPerRound: 2.5,
      plainMs: 30,
      draftMs: 18,
      verifyMs: 33,
      rttMs: 24,
    });
  });

  test("is below 0 where a guess costs more than it saves", () => {
    // 1.6 tokens at 5 ms are 8 ms; a guess is 6 ms to draft and 5 + 1 to judge.
    const slowDraft = { ...costs, verifyBaseMs: 5, plainMs: 5 };
    expect(breakEvenOf(rounds(1, 160), slowDraft).rttMs).toBeCloseTo(-4);
  });

  test("takes the length that reaches furthest", () => {
    // 1.6 * 30 - 6 - 31 = 11; 2.5 * 30 - 18 - 33 = 24; 2.8 * 30 - 42 - 37 = 5.
    const statics = [rounds(1, 160), rounds(3, 250), rounds(7, 280)];
    expect(furthestBreakEven(statics, costs)).toMatchObject({ draftLength: 3, rttMs: 24 });
  });

  test("parts the distances at which drafts win from those at which plain streaming does", async () => {
    // Two of three guesses are right, over a text so long that one round trip more is nothing.
    const tape = tapeOf(
      Array.from({ length: 3000 }, (_, index) => index % 3 !== 2),
      16,
    );
    const signal = new AbortController().signal;
    const run = (policy: string, rttMs: number) =>
      play(
        [performTape(tape, 16)],
        { costs: { ...costs, rttMs }, createPolicy: () => parsePolicy(policy) },
        signal,
      );
    const { rttMs } = breakEvenOf({ draftLength: 2, result: await run("static:2", 0) }, costs);
    expect(rttMs).toBeCloseTo(3 * 30 - 12 - 32);
    for (const [distance, isDraftFaster] of [
      [rttMs - 1, true],
      [rttMs + 1, false],
    ] as const) {
      const [drafted, plain] = [await run("static:2", distance), await run("none", distance)];
      expect(drafted.durationMs < plain.durationMs).toBe(isDraftFaster);
    }
  });
});

describe("known costs", () => {
  const measured: PairCosts = { draftMs: 1, verifyBaseMs: 4, verifyTokenMs: 0.5, plainMs: 3 };
  const verifyMs = { base: 30, perToken: 1 };

  test("need no measurement when both are known; then a plain token costs what a forward does", () => {
    const known = { draftMs: 6, verifyMs };
    expect(costsOf(known)).toEqual(costs);
    expect(costsOf(known, measured)).toEqual(costs);
  });

  test("take the place of what was measured", () => {
    expect([costsOf({}), costsOf({ draftMs: 6 }), costsOf({ verifyMs })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(costsOf({}, measured)).toEqual(measured);
    expect(costsOf({ draftMs: 6 }, measured)).toEqual({ ...measured, draftMs: 6 });
    expect(costsOf({ verifyMs }, measured)).toEqual({ ...costs, draftMs: 1 });
  });
});
