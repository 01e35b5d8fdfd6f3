import { parsePolicy, policyDefinitions } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { type CostModel, roundsMs } from "./cost-model.ts";
import { playPearl } from "./pearl.ts";
import { play } from "./play.ts";
import { isTimeless } from "./play-policy.ts";
import { syntheticTapes } from "./synthetic-tape.cases.ts";
import { performWithForesight } from "./tape/oracle.ts";
import { performTape, type Tape } from "./tape/tape.ts";
import { tapeOf } from "./tape.cases.ts";

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

  test("a round pays its drafting, the way and the forward, draft token by draft token", async () => {
    // Three rounds of 3 draft tokens, of which 2 hold; the last can hold only 2, the target adds the third.
    expect(await playPolicy("static:3")).toMatchObject({
      durationMs: 3 * (3 * 5 + 100 + 30 + 3) + (2 * 5 + 100 + 30 + 2),
      numTokens: 12,
      numDrafted: 11,
      numAccepted: 8,
      numRoundTrips: 4,
      numForwards: 4,
    });
  });

  test("a stream pays the round trip once where it is always right", async () => {
    const sure = tapeOf(new Array(200).fill(true), 16);
    const plain = await playPolicy("none", performTape(sure, 16));
    const streamed = await playPolicy("stream", performTape(sure, 16));
    expect(streamed).toMatchObject({ numTokens: 200, numRoundTrips: 1 });
    // Tokens come no faster than they are drafted: 5 ms each.
    expect(streamed.durationMs).toBeGreaterThan(200 * 5);
    expect(streamed.durationMs).toBeLessThan(plain.durationMs / 3);
  });

  test("a stream whose drafts are of no use is as fast as plain decoding", async () => {
    const wrong: Tape = { ...tapeOf(new Array(200).fill(false), 16) };
    const places = wrong.places.map((place) => ({
      ...place,
      candidates: place.candidates.slice(0, 1),
    }));
    const lost = performTape({ ...wrong, places }, 16);
    const { verifyTokenMs, ...others } = costs;
    const free = { ...others, verifyTokenMs: 0 };
    const plain = await playPolicy("none", lost, free);
    expect((await playPolicy("stream", lost, free)).durationMs).toBe(plain.durationMs);
  });

  test("rounds can be reckoned for other costs, unless their policy looks at the time", async () => {
    const far = { ...costs, rttMs: 250, draftMs: 9 };
    const specs = policyDefinitions.map(({ name }) => (name === "static" ? "static:3" : name));
    for (const spec of [...specs, "adaedl:test=before", "adaedl:gamma=auto"].filter(isTimeless)) {
      const { durationMs } = await playPolicy(spec, performTape(tape, 16), far);
      expect(roundsMs(await playPolicy(spec), far), spec).toBeCloseTo(durationMs, 9);
    }
  });

  test("masks that a draft model reads along take time, too", async () => {
    const model = { ...costs, maskCost: 0.1 };
    const [parallel] = syntheticTapes([0.9, 0.9, 0.9], { numTapes: 1, numTokens: 12 });
    const performance = performTape(parallel as Tape, 16);
    const result = await playPolicy("static:3", performance, model);
    const numForwards = result.draftLengths.filter((length) => length > 0).length;
    expect(result).toMatchObject({ numDraftForwards: numForwards });
    expect(result.numMasks).toBeGreaterThan(numForwards);
    expect(roundsMs(result, model)).toBeCloseTo(result.durationMs, 9);
    expect(result.durationMs).toBeCloseTo(
      result.draftLengths.reduce((ms, length) => ms + 100 + 30 + length, 0) +
        5 * (numForwards + 0.1 * result.numMasks),
      9,
    );
  });

  test("is the same in every run", async () => {
    for (const spec of ["adaedl", "stream", "ucb"])
      expect(await playPolicy(spec)).toEqual(await playPolicy(spec));
  });
});

test("with foresight no guess is wasted and none is missed", async () => {
  const result = await playPolicy("static:16", performWithForesight(tape, 16));
  expect(result).toMatchObject({
    ...{ numDrafted: 8, numAccepted: 8, numForwards: 4, numTokens: 12 },
    durationMs: 4 * (2 * 5 + 100 + 30 + 2), // what is not drafted takes no time
  });
});

test("PEARL verifies a block while the next one is drafted, and waits for a round trip in each step", () => {
  const free = { ...costs, verifyTokenMs: 0, rttMs: 0 };
  // One token in pre-verify, then blocks of 6, each drafted in the time of a forward.
  const sure = tapeOf(new Array(13).fill(true), 16);
  expect(playPearl([sure], free)).toMatchObject({
    ...{ durationMs: 3 * 30, numTokens: 13, numForwards: 3, numDrafted: 10, numAccepted: 10 },
  });
  const wrong = tapeOf(new Array(13).fill(false), 16);
  expect(playPearl([wrong], { ...free, rttMs: 50 })).toMatchObject({
    ...{ durationMs: 13 * 80, numForwards: 13, numDrafted: 0, numAccepted: 0 },
  });
});
