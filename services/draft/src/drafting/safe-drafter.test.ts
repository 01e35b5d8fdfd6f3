import { defaultSamplingParams, Text } from "@adaedl/core";
import type { ModelThread } from "@adaedl/engine";
import { createLogger } from "@adaedl/telemetry";
import { expect, test } from "vitest";
import type { DraftModel } from "./draft-model.ts";
import { openSafeDrafter } from "./safe-drafter.ts";

const logger = createLogger("test", "silent");
const place = { entropy: 1, topProb: 0.5, candidates: [{ tokenId: 7, prob: 0.5 }] };
const drafted = { places: [place] };
const notReady = { places: [] };

/** A draft model whose prompts are computed when the test says so. */
function slowModel() {
  let finish: (error?: Error) => void = () => {};
  const gate = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  gate.catch(() => {}); // a test may end before anybody waits
  const seen = { numRunning: 0, mostRunning: 0, numFailed: 0 };
  const thread = {
    info: { vocabSize: 10, contextLength: 1_000 },
    openSlot: async () => 1,
    closeSlot: async () => {},
    async forward([step]: Parameters<ModelThread["forward"]>[0]) {
      const { tokenIds = [], reads = [] } = step ?? {};
      seen.mostRunning = Math.max(seen.mostRunning, ++seen.numRunning);
      if (tokenIds.length > 64) await gate;
      seen.numRunning--;
      return [{ rows: reads.map(() => ({ kind: "propose", place })) }];
    },
  } as unknown as ModelThread;
  const failed = () => seen.numFailed++;
  const lease = () => ({ thread, release() {} });
  return { finish, seen, model: { lease, failed } as unknown as DraftModel };
}

async function drafter(
  model: DraftModel,
  numPromptTokens: number,
  verification: "shared-noise" | "rejection" = "shared-noise",
) {
  const settings = { sampling: defaultSamplingParams, seed: 1, verification, numPromptTokens };
  const safe = await openSafeDrafter(model, settings, { width: 1 }, logger, undefined);
  const text = new Text(Array<number>(numPromptTokens).fill(1));
  return {
    safe,
    /** Asks for the place after the text, which then grows by a token. */
    propose() {
      const proposing = safe.propose(text, text.length, [[]], 1);
      text.append(2);
      return proposing;
    },
  };
}

test("the text goes on without drafts until a long prompt is computed", async () => {
  const { finish, model, seen } = slowModel();
  const { propose } = await drafter(model, 200);
  const startedAt = performance.now();
  expect(await propose()).toEqual(notReady);
  expect(performance.now() - startedAt).toBeGreaterThan(900); // it might be soon
  expect(await propose()).toEqual(notReady); // no obstacle: it is asked again
  expect(performance.now() - startedAt).toBeLessThan(1_900);
  finish();
  await expect.poll(propose).toEqual(drafted);
  expect(seen.mostRunning).toBe(1); // the drafter takes one call at a time
});

test("a draft model that fails at a long prompt is an obstacle, no failure", async () => {
  const { finish, model, seen } = slowModel();
  const { propose } = await drafter(model, 200);
  finish(new Error("out of memory"));
  expect(await propose()).toEqual({ obstacle: "draft_failed" });
  expect(await propose()).toEqual({ obstacle: "draft_failed" });
  expect(seen.numFailed).toBe(1);
});

test("a draft that is closed while its prompt is computed has not failed", async () => {
  const { finish, model, seen } = slowModel();
  const { propose, safe } = await drafter(model, 200);
  expect(await propose()).toEqual(notReady);
  await safe[Symbol.asyncDispose]();
  finish(new Error("closed"));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(seen.numFailed).toBe(0);
});

test("a short prompt is computed with its draft, a long one as well under the rejection rule", async () => {
  const { model } = slowModel();
  expect(await (await drafter(model, 60)).propose()).toEqual(drafted);
  const slow = slowModel();
  setTimeout(slow.finish, 1_500);
  expect(await (await drafter(slow.model, 200, "rejection")).propose()).toEqual(drafted);
});
