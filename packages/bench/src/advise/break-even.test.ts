import { parsePolicy } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { play } from "../policies/play.ts";
import { performTape } from "../policies/tape/tape.ts";
import { tapeOf } from "../policies/tape.cases.ts";
import { furthestGain, leastGain } from "./break-even.ts";
import { costsOf, type PairCosts } from "./pair-costs.ts";

const costs: PairCosts = { draftMs: 6, verifyBaseMs: 30, verifyTokenMs: 1, plainMs: 30 };

describe("the furthest gain of a stream", () => {
  const gaining = (limit: number) => async (policy: string, rttMs: number) => ({
    durationMs: policy === "none" ? 1000 : rttMs <= limit ? 800 : 1000,
  });

  test("is found to a few milliseconds", async () => {
    for (const limit of [1, 27, 43, 500]) {
      const rttMs = await furthestGain(gaining(limit));
      expect(rttMs).toBeLessThanOrEqual(limit);
      expect(rttMs).toBeGreaterThan(0.9 * limit - 1);
    }
  });

  test("is none where it gains less than one would see", async () => {
    expect(await furthestGain(gaining(-1))).toBeUndefined();
    expect(await furthestGain(async () => ({ durationMs: 1000 }))).toBeUndefined();
  });

  test("is the longest distance looked at where it gains everywhere", async () => {
    expect(await furthestGain(gaining(1e6))).toBe(640);
  });

  test("parts the distances at which drafts win from those at which they do not", async () => {
    // Two of three draft tokens are right, and nothing is known of the third.
    const right = Array.from({ length: 300 }, (_, index) => index % 3 !== 2);
    const tape = tapeOf(right, 16);
    const places = tape.places.map(({ candidates, ...place }) => {
      return { ...place, candidates: candidates.slice(0, 1) };
    });
    const texts = [performTape({ ...tape, places }, 16)];
    const { signal } = new AbortController();
    const run = (policy: string, rttMs: number) => {
      const createPolicy = () => parsePolicy(policy);
      return play(texts, { costs: { ...costs, rttMs }, createPolicy }, signal);
    };
    const furthest = (await furthestGain(run)) ?? Number.NaN;
    for (const [rttMs, isMuchFaster] of [
      [furthest, true],
      [1.3 * furthest, false],
    ] as const) {
      const [drafted, plain] = [await run("stream", rttMs), await run("none", rttMs)];
      expect(plain.durationMs > leastGain * drafted.durationMs).toBe(isMuchFaster);
    }
  });
});

describe("known costs", () => {
  const measured: PairCosts = { draftMs: 1, verifyBaseMs: 4, verifyTokenMs: 0.5, plainMs: 3 };
  const verifyMs = { verifyBaseMs: 30, verifyTokenMs: 1 };

  test("need no measurement when both are known; then a plain token costs what a forward does", () => {
    const known = { draftMs: 6, ...verifyMs };
    expect(costsOf(known)).toEqual(costs);
    expect(costsOf(known, measured)).toEqual(costs);
  });

  test("take the place of what was measured", () => {
    expect([costsOf({}), costsOf({ draftMs: 6 }), costsOf(verifyMs)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(costsOf({}, measured)).toEqual(measured);
    expect(costsOf({ draftMs: 6 }, measured)).toEqual({ ...measured, draftMs: 6 });
    expect(costsOf(verifyMs, measured)).toEqual({ ...costs, draftMs: 1 });
  });
});
