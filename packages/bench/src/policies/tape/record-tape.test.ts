import { decode, parsePolicy } from "@adaedl/core";
import { createStepScheduler, openModelThread } from "@adaedl/engine";
import { examplePair, examplePrompts } from "@adaedl/example-models";
import { loadTokenizer } from "@adaedl/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { performLive } from "../live-performance.ts";
import type { Performance } from "../performance.ts";
import { type PairThreads, recordTape } from "./record-tape.ts";
import { performTape, type Tape } from "./tape.ts";

const signal = new AbortController().signal;
const numTokens = 40;
const maxDraftLength = 8;
const { target, draft } = examplePair("coder");
let threads: PairThreads;
let promptTokenIds: number[];

beforeAll(async () => {
  const open = async (directory: string) =>
    createStepScheduler(await openModelThread({ directory, numThreads: 1 }));
  threads = { target: await open(target), draft: await open(draft) };
  promptTokenIds = (await loadTokenizer(target)).encode(examplePrompts("coder")[3] ?? "");
});
afterAll(async () => {
  await Promise.all([threads.target.close(), threads.draft.close()]);
});

/** Every event but the times. */
async function eventsOf(performance: Performance, policy: string) {
  await using models = await performance.open(signal);
  const request = {
    promptTokenIds,
    maxTokens: numTokens,
    contextLength: promptTokenIds.length + numTokens,
    maxDraftLength,
    stopTokenIds: new Set<number>(),
    stopStrings: [],
  };
  const events = [];
  const parts = { ...models, policy: parsePolicy(policy), now: () => 0 };
  for await (const event of decode(request, parts, signal)) events.push(event);
  return events;
}

describe.each([0, 0.8])("at temperature %s", (temperature) => {
  const options = { seed: 5, sampling: { temperature }, numTokens, maxDraftLength };
  let tape: Tape;
  beforeAll(async () => {
    tape = await recordTape(threads, { ...options, promptTokenIds }, signal);
  });

  test.each(["none", "static:1", "static:8", "adaedl", "confidence", "adaedl-rate"])(
    "a tape plays %s as the models do, round by round",
    async (policy) => {
      const live = performLive(threads, {
        ...options,
        promptTokenIds,
        verification: "shared-noise",
      });
      expect(await eventsOf(performTape(tape, maxDraftLength), policy)).toEqual(
        await eventsOf(live, policy),
      );
    },
  );
});
