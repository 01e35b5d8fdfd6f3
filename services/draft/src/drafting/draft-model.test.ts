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
