import { parsePolicy } from "@adaedl/core";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { performLive } from "../live-performance.ts";
import type { Performance } from "../performance.ts";
import { play } from "../play.ts";
import { openPairThreads } from "./open-pair-threads.ts";
import { recordTape } from "./record-tape.ts";
import { performTape, placeAfter, type Tape } from "./tape.ts";

const signal = new AbortController().signal;
const numTokens = 40;
const maxDraftLength = 8;
const { target, draft } = examplePair("coder");
let threads: Awaited<ReturnType<typeof openPairThreads>>;
let promptTokenIds: number[];

beforeAll(async () => {
  threads = await openPairThreads({ target, draft }, signal);
  promptTokenIds = (await loadTokenizer(target)).encode(examplePrompts("coder")[3] ?? "");
});
afterAll(() => threads?.[Symbol.asyncDispose]());

const costs = { draftMs: 5, verifyBaseMs: 30, verifyTokenMs: 1, rttMs: 40 };
const playOf = (performance: Performance, policy: string) =>
  play([performance], { costs, createPolicy: () => parsePolicy(policy) }, signal);

describe.each([0, 0.8])("at temperature %s", (temperature) => {
  const options = { seed: 5, sampling: { temperature }, numTokens, maxDraftLength };
  let tape: Tape;
  let live: Performance;
  beforeAll(async () => {
    const text = { ...options, promptTokenIds };
    tape = await recordTape(threads, text, signal);
    live = performLive(threads, { ...text, verification: "shared-noise" });
  });

  test.each(["none", "static:1", "static:8", "adaedl", "confidence"])(
    "a tape plays %s as the models do, forward by forward",
    async (policy) => {
      const taped = await playOf(performTape(tape, maxDraftLength), policy);
      expect(taped).toEqual(await playOf(live, policy));
    },
  );

  // Behind a wrong token that is not the draft model's first candidate the tape only knows what is alike.
  test("and a stream within a twentieth of the time", async () => {
    const taped = await playOf(performTape(tape, maxDraftLength), "stream");
    const { durationMs } = await playOf(live, "stream");
    expect(Math.abs(taped.durationMs / durationMs - 1)).toBeLessThan(0.05);
  });

  test("it does not know the text behind a wrong token", () => {
    const wrong = tape.places.findIndex(
      ({ candidates }, index) => candidates[1] && candidates[1].tokenId !== tape.tokenIds[index],
    );
    const path = [tape.places[wrong]?.candidates[1]?.tokenId as number];
    const { candidates } = placeAfter(tape, wrong, path);
    expect(candidates.length).toBeGreaterThan(0);
    expect(candidates.map(({ tokenId }) => tokenId)).not.toContain(tape.tokenIds[wrong + 1]);
    expect(candidates[0]?.behind).toBe(0);
  });
});
