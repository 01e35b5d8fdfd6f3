import { AdaedlError, type Drafter, defaultSamplingParams, Text } from "@adaedl/core";
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

const proposeTo = (drafter: Drafter) => drafter.propose(new Text([1, 2]), 2, [[]], 2);

test("a draft thread that dies ends its drafts, and is replaced for the requests that follow", async () => {
  await using model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const open = () => openSafeDrafter(model, settings, { width: 1 }, logger, undefined);
  await using before = await open();
  const proposal = await proposeTo(before);
  expect(proposal).toMatchObject({
    places: [{ candidates: [{ tokenId: expect.any(Number) }, { tokenId: expect.any(Number) }] }],
  });

  const { thread } = model;
  await thread?.close();
  expect(await proposeTo(before)).toEqual({ obstacle: "draft_failed" }); // no error
  expect(await proposeTo(before)).toEqual({ obstacle: "draft_failed" });
  await using meanwhile = await open();
  expect(await proposeTo(meanwhile)).toEqual({ obstacle: "draft_failed" });

  await expect.poll(() => model.thread, { timeout: 10_000 }).toBeDefined();
  expect(model.thread).not.toBe(thread);
  await using after = await open();
  expect(await proposeTo(after)).toEqual(proposal);
});

test("an error that is not the thread's end leaves it as it is", async () => {
  await using model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const { thread } = model;
  if (thread !== undefined) model.failed(thread, new AdaedlError("internal", "NaN"));
  expect(model.thread).toBe(thread);
});

test("texts that have begun are drafted by the weights they began with, later ones by the new ones", async () => {
  await using model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const open = () => openSafeDrafter(model, settings, { width: 1 }, logger, undefined);
  const before = await open();
  const proposal = await proposeTo(before);
  const { thread } = model;
  const replacing = model.replace(examplePair("storyteller").target);
  await expect.poll(() => model.thread, { timeout: 10_000 }).not.toBe(thread);

  const after = await open();
  expect(await proposeTo(after)).not.toEqual(proposal);
  expect(await proposeTo(before)).toEqual(proposal);
  await before[Symbol.asyncDispose]();
  await replacing; // the old thread is closed
  await expect(thread?.openSlot(settings)).rejects.toMatchObject({ code: "unavailable" });
  await after[Symbol.asyncDispose]();
});

test("weights that cannot be opened change nothing", async () => {
  await using model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const { thread } = model;
  await expect(model.replace("no-such-directory")).rejects.toThrow("no-such-directory");
  expect(model.thread).toBe(thread);
});

test("closing does not wait for texts of replaced weights", async () => {
  const model = await openDraftModel({ directory, numThreads: 1 }, logger);
  const lease = model.lease();
  const { thread } = model;
  const replacing = model.replace(directory);
  await expect.poll(() => model.thread, { timeout: 10_000 }).not.toBe(thread);
  await model.close();
  await replacing;
  lease?.release();
});
