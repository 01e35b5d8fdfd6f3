import { AdaedlError, defaultSamplingParams, type Round, Text } from "@adaedl/core";
import { examplePair } from "@adaedl/example-models";
import { createLogger } from "@adaedl/telemetry";
import { expect, test } from "vitest";
import { openDraftModel } from "./draft-model.ts";
import { openSafeDrafter } from "./safe-drafter.ts";

const logger = createLogger("test", "silent");
const directory = examplePair("storyteller").draft;
const settings = {
  sampling: defaultSamplingParams,
  seed: 1,
  verification: "shared-noise",
  numPromptTokens: 2,
} as const;
const round: Round = { number: 0, text: new Text([1, 2]), numPromptTokens: 2, numPlainTokens: 0 };

async function firstGuess(drafter: { draft(round: Round): AsyncIterable<{ tokenId: number }> }) {
  for await (const guess of drafter.draft(round)) return guess.tokenId;
  return undefined;
}

test("a draft thread that dies ends its drafts, and is replaced for the requests that follow", async () => {
  await using model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const open = () => openSafeDrafter(model, settings, logger, undefined);
  await using before = await open();
  const guess = await firstGuess(before);
  expect(guess).toBeTypeOf("number");
  expect(before.obstacle?.(round.text.tokenIds)).toBeUndefined();

  const { thread } = model;
  await thread?.close();
  expect(await firstGuess(before)).toBeUndefined(); // a shorter draft, no error
  expect(before.obstacle?.(round.text.tokenIds)).toBe("draft_failed");
  await using meanwhile = await open();
  expect(meanwhile.obstacle?.(round.text.tokenIds)).toBe("draft_failed");

  await expect.poll(() => model.thread, { timeout: 10_000 }).toBeDefined();
  expect(model.thread).not.toBe(thread);
  await using after = await open();
  expect(await firstGuess(after)).toBe(guess);
});

test("an error that is not the thread's end leaves it as it is", async () => {
  await using model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const { thread } = model;
  if (thread !== undefined) model.failed(thread, new AdaedlError("internal", "NaN"));
  expect(model.thread).toBe(thread);
});
