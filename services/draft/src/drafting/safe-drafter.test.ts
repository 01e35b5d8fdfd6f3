import { defaultSamplingParams, Text } from "@adaedl/core";
import type { ModelThread } from "@adaedl/engine";
import { createLogger } from "@adaedl/telemetry";
import { expect, test } from "vitest";
import type { DraftModel } from "./draft-model.ts";
import { openSafeDrafter } from "./safe-drafter.ts";

const logger = createLogger("test", "silent");

/** A draft model whose prompts are computed when the test says so. */
function slowModel() {
  let finish: (error?: Error) => void = () => {};
  const gate = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  gate.catch(() => {}); // a test may end before anybody waits
  const thread = {
    info: { vocabSize: 10, contextLength: 1_000 },
    openSlot: async () => 1,
    closeSlot: async () => {},
    async forward([step]: Parameters<ModelThread["forward"]>[0]) {
      const { tokenIds = [], reads = [] } = step ?? {};
      if (tokenIds.length > 64) await gate;
      const guess = { tokenId: 7 };
      return [{ rows: reads.map(() => ({ kind: "guess", guess, evidence: { entropy: 1 } })) }];
    },
  } as unknown as ModelThread;
  return { finish, model: { thread, failed() {} } as unknown as DraftModel };
}

async function drafter(
  model: DraftModel,
  numPromptTokens: number,
  verification: "shared-noise" | "rejection" = "shared-noise",
) {
  const settings = { sampling: defaultSamplingParams, seed: 1, verification, numPromptTokens };
  const safe = await openSafeDrafter(model, settings, logger, undefined);
  const text = new Text(Array<number>(numPromptTokens).fill(1));
  let number = 0;
  return {
    safe,
    /** The first guess of the next round, whose text is a token longer. */
    async firstGuess() {
      const round = {
        number: number++,
        text: new Text(text.tokenIds),
        numPromptTokens,
        numPlainTokens: 0,
      };
      text.append(2);
      for await (const { tokenId } of safe.draft(round)) return tokenId;
      return undefined;
    },
  };
}

test("rounds go on without drafts until a long prompt is computed", async () => {
  const { finish, model } = slowModel();
  const { firstGuess, safe } = await drafter(model, 200);
  const startedAt = performance.now();
  expect(await firstGuess()).toBeUndefined();
  expect(performance.now() - startedAt).toBeGreaterThan(900); // it might be soon
  expect(await firstGuess()).toBeUndefined();
  expect(safe.obstacle?.([])).toBeUndefined(); // it is asked again
  finish();
  await expect.poll(firstGuess).toBe(7);
});

test("a draft model that fails at a long prompt is an obstacle, no failure", async () => {
  const { finish, model } = slowModel();
  const { firstGuess, safe } = await drafter(model, 200);
  finish(new Error("out of memory"));
  expect(await firstGuess()).toBeUndefined();
  expect(safe.obstacle?.([])).toBe("draft_failed");
});

test("a short prompt is computed with its draft, a long one as well under the rejection rule", async () => {
  const { model } = slowModel();
  expect(await (await drafter(model, 60)).firstGuess()).toBe(7);
  const slow = slowModel();
  setTimeout(slow.finish, 1_500);
  expect(await (await drafter(slow.model, 200, "rejection")).firstGuess()).toBe(7);
});
