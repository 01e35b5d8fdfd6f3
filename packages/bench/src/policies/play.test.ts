import { parsePolicy } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import type { CostModel } from "./cost-model.ts";
import { play } from "./play.ts";
import { performWithForesight } from "./tape/oracle.ts";
import { performTape } from "./tape/tape.ts";
import { tapeOf } from "./tape.cases.ts";
import { durationOf } from "./virtual-clock.ts";

const costs: CostModel = { draftMs: 5, verifyBaseMs: 30, verifyTokenMs: 1, rttMs: 100 };
const signal = new AbortController().signal;
// Two right, one wrong, all over again: with drafts of 3, rounds commit 3 tokens each.
const right = Array.from({ length: 12 }, (_, index) => index % 3 !== 2);
const tape = tapeOf(right, 16);

const playPolicy = (spec: string, performance = performTape(tape, 16), model = costs) =>
  play([performance], { costs: model, createPolicy: () => parsePolicy(spec) }, signal);

describe("the virtual clock", () => {
  test("plain streaming pays the round trip once", async () => {
    expect(await playPolicy("none")).toMatchObject({
      durationMs: 100 + 12 * 30,
      numTokens: 12,
      numDrafted: 0,
      numAccepted: 0,
      numRoundTrips: 1,
      numForwards: 12,
    });
  });

  test("a round pays its drafting, the way and the forward, guess by guess", async () => {
    // Three rounds of 3 guesses, of which 2 hold; the last can hold only 2, the verdict adds the third.
    expect(await playPolicy("static:3")).toMatchObject({
      durationMs: 3 * (3 * 5 + 100 + 30 + 3) + (2 * 5 + 100 + 30 + 2),
      numTokens: 12,
      numDrafted: 11,
      numAccepted: 8,
      numRoundTrips: 4,
      numForwards: 4,
    });
  });

  test("of the bytes only the last message's are waited for", async () => {
    const slow = { ...costs, bitsPerMs: 10 };
    const { durationMs } = await playPolicy("static:3", performTape(tape, 16), slow);
    const { durationMs: unlimited } = await playPolicy("static:3");
    expect(durationMs - unlimited).toBeCloseTo((4 * (42 + 18) * 8) / 10, 9);
  });

  test("can be read again for other costs, where no round was chosen by the time others took", async () => {
    const { rounds } = await playPolicy("static:3");
    const far = { ...costs, rttMs: 250, draftMs: 9 };
    const { durationMs } = await playPolicy("static:3", performTape(tape, 16), far);
    expect(durationOf(rounds, far)).toBeCloseTo(durationMs, 9);
  });

  test("is the same in every run", async () => {
    for (const spec of ["adaedl", "adaedl-rate", "ucb"])
      expect(await playPolicy(spec)).toEqual(await playPolicy(spec));
  });
});

test("with foresight no guess is wasted and none is missed", async () => {
  const result = await playPolicy("static:16", performWithForesight(tape, 16));
  expect(result).toMatchObject({ numDrafted: 8, numAccepted: 8, numForwards: 4, numTokens: 12 });
});
