import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DrafterKind, defaultSamplingParams, Text } from "@adaedl/core";
import {
  createDrafterFactories,
  createStepScheduler,
  openBranchingDrafter,
  openModelThread,
} from "@adaedl/engine";
import { examplePair } from "@adaedl/example-models";
import { copyModel } from "@adaedl/testing";
import { afterAll, expect } from "vitest";
import { describeDrafter, numPromptTokens, successorsOf } from "./drafter.cases.ts";

const { draft: directory } = examplePair("storyteller");
const folder = mkdtempSync(join(tmpdir(), "adaedl-drafters-"));
const open = async (directory: string) =>
  createStepScheduler(await openModelThread({ directory, numThreads: 1 }));
const depth = 4;
const parallel = copyModel(directory, join(folder, "parallel"), {
  adaedl_parallel: { mask_token_id: 4095, depth },
});
const models = [
  { name: "the draft model", thread: await open(directory), depth: 1 },
  { name: "a draft model that drafts in parallel", thread: await open(parallel), depth },
];
afterAll(async () => {
  await Promise.all(models.map(({ thread }) => thread.close()));
  rmSync(folder, { recursive: true });
});

const settingsOf = (numPromptTokens: number, temperature: number) => ({
  ...{ sampling: { ...defaultSamplingParams, temperature }, seed: 5, numPromptTokens },
  verification: "shared-noise" as const,
});

for (const { name, thread, depth } of models)
  describeDrafter(name, {
    open: (numPromptTokens) =>
      openBranchingDrafter(thread, settingsOf(numPromptTokens, 0.7), { width: 4 }),
    numTokenIds: thread.info.vocabSize,
    depth,
    numSchedules: 20,
    // What was asked before does not show: it says what one says that has seen nothing else.
    async check(text, path, proposed) {
      const settings = settingsOf(numPromptTokens, 0.7);
      await using fresh = await openBranchingDrafter(thread, settings, { width: 1 });
      const numCandidates = Math.max(1, proposed.length);
      const answer = await fresh.propose(new Text(text), text.length, [path], numCandidates);
      const [place] = "places" in answer ? answer.places : [];
      expect(proposed).toEqual(place?.candidates.map(({ tokenId }) => tokenId));
    },
  });

/** Tokens that may follow the last one of a text and a path. */
type Rule = (text: readonly number[], path: readonly number[]) => readonly number[];

const followers: Rule = (text, path) => {
  const before = [...text, ...path].at(-1);
  return text.filter((_, at) => at > 0 && text[at - 1] === before);
};
const tables: Readonly<Record<Exclude<DrafterKind, "model">, Rule>> = {
  suffix: followers,
  // What the target named where it said what follows this token, the last time.
  recycle(text, path) {
    const before = [...text, ...path].at(-1);
    const last = text.findLastIndex((_, at) => at >= numPromptTokens && text[at - 1] === before);
    return last < 0 ? [] : successorsOf(text[last] as number);
  },
  aded: followers,
};

for (const [kind, rule] of Object.entries(tables))
  for (const temperature of [0, 0.7])
    describeDrafter(`the table ${kind}, at temperature ${temperature}`, {
      async open(numPromptTokens) {
        // A factory of its own: what one text has taught it shows in the next.
        const [factory] = createDrafterFactories([kind as DrafterKind], undefined);
        if (factory === undefined) throw new Error("there is no drafter");
        return factory.open(settingsOf(numPromptTokens, temperature), 8);
      },
      numTokenIds: 4,
      numSchedules: 1000,
      check(text, path, proposed) {
        for (const tokenId of proposed) expect(rule(text, path)).toContain(tokenId);
      },
    });
