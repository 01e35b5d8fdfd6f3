import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TokenLogprob } from "@adaedl/core";
import { topTokenIds } from "@adaedl/core";
import { examplePair } from "@adaedl/example-models";
import { openModelThread } from "@adaedl/runtime";
import { beforeAll, expect, inject, test } from "vitest";
import { writeModel } from "../directory/write-model.ts";
import { type SampledText, sampleTexts } from "../distillation/sample-texts.ts";
import { openTrainingThread } from "../training-thread.ts";
import { onlineShape } from "./judged-text.ts";
import { type OnlineLearner, openOnlineLearner } from "./learn-online.ts";
import { beginVersion, commitVersion, openOnlineDirectory } from "./online-directory.ts";

const { target, draft } = examplePair("storyteller");
const other = examplePair("coder").draft;
const newDirectory = () => join(mkdtempSync(join(inject("temporaryFolder"), "online-")), "learnt");

let texts: readonly SampledText[] = [];
beforeAll(async () => {
  await using thread = await openModelThread({ directory: target, numThreads: 1 });
  const wanted = Array.from({ length: 16 }, (_, index) => {
    return { prompt: [1, 300 + index], length: 40, temperature: 0.7, seed: index };
  });
  texts = await sampleTexts(thread, wanted, []);
}, 60_000);

/** A request of which the target told its most probable tokens. */
function serve(learner: OnlineLearner, { tokenIds, numPromptTokens, logits }: SampledText): void {
  const tops = new Map<number, TokenLogprob[]>();
  logits.forEach((row, index) => {
    const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const ids = topTokenIds(row, 16);
    const top = [...ids].map((tokenId) => ({
      tokenId,
      logprob: (row[tokenId] as number) - logSum,
    }));
    tops.set(numPromptTokens + index, top);
  });
  learner.requestBegan();
  learner.requestEnded(tokenIds, tops);
}

async function open(directory: string) {
  const swapped: string[] = [];
  const failures: Error[] = [];
  const state = await openOnlineDirectory(directory, draft);
  const learner = await openOnlineLearner({
    state,
    swap: async (to) => void swapped.push(to),
    onFailure: (error) => failures.push(error),
  });
  return { learner, swapped, failures, state };
}

test("learns from eight texts at a time, and goes on where it was after a restart", async () => {
  const directory = newDirectory();
  {
    const { learner, swapped, failures } = await open(directory);
    await using _ = learner;
    for (const text of texts.slice(0, 8)) serve(learner, text);
    await expect.poll(() => learner.report.version, { timeout: 30_000 }).toBe(1);
    expect(swapped).toEqual([join(directory, "version-1", "draft")]);
    expect(learner.report).toMatchObject({ numSteps: 1, numPositions: 8 * 38, numRollBacks: 0 });
    expect(learner.report.live).toBe(learner.report.frozen); // measured before the first step
    expect(learner.report.live).toBeGreaterThan(0.4);
    for (const text of texts.slice(8)) serve(learner, text);
    await expect.poll(() => learner.report.version, { timeout: 30_000 }).toBe(2);
    expect(learner.report.live).not.toBe(learner.report.frozen);
    // What was before is removed once the new version drafts.
    const names = () => readdirSync(directory).sort();
    await expect.poll(names).toEqual(["learning.json", "version-2"]);
    expect(failures).toEqual([]);
  }
  const { learner, swapped, state } = await open(directory);
  await using _ = learner;
  expect(state).toMatchObject({ version: 2, draft: join(directory, "version-2", "draft") });
  for (const text of texts.slice(0, 8)) serve(learner, text);
  await expect.poll(() => learner.report.version, { timeout: 30_000 }).toBe(3);
  expect(swapped).toEqual([join(directory, "version-3", "draft")]);
}, 120_000);

test("a request holds learning back until it ends", async () => {
  const { learner } = await open(newDirectory());
  await using _ = learner;
  learner.requestBegan();
  for (const text of texts.slice(0, 8)) serve(learner, text);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(learner.report.numSteps).toBe(0);
  learner.requestEnded();
  await expect.poll(() => learner.report.version, { timeout: 30_000 }).toBe(1);
}, 60_000);

test("takes back weights that match less often than those it began with", async () => {
  const directory = newDirectory();
  const fresh = await openOnlineDirectory(directory, draft);
  const paths = await beginVersion(directory, 1);
  {
    const schedule = { peak: 3e-4, warmupSteps: 10 };
    await using training = await openTrainingThread({
      ...{ directory: other, loss: "tv-top16", shape: onlineShape, schedule },
    });
    await training.save(paths.training);
    await writeModel(paths.draft, {
      ...{ source: draft, weights: await training.weights("average"), card: "Bad." },
    });
  }
  await commitVersion(fresh, 1);

  const { learner, swapped, state } = await open(directory);
  await using _ = learner;
  expect(state.version).toBe(1);
  for (const text of texts.slice(0, 8)) serve(learner, text);
  await expect.poll(() => learner.report.numRollBacks, { timeout: 30_000 }).toBe(1);
  expect(swapped).toEqual([draft]);
  expect(learner.report).toMatchObject({ version: 0, numSteps: 0, live: undefined });
  expect(readdirSync(directory)).toEqual(["learning.json"]);
  // It learns again, from its beginning.
  for (const text of texts.slice(8)) serve(learner, text);
  await expect.poll(() => learner.report.numSteps, { timeout: 30_000 }).toBe(1);
  expect(learner.report.live).toBe(learner.report.frozen);
}, 120_000);

test("says once that it fails, and learns no more", async () => {
  const failures: Error[] = [];
  const learner = await openOnlineLearner({
    state: await openOnlineDirectory(newDirectory(), draft),
    swap: async () => Promise.reject(new Error("no memory")),
    onFailure: (error) => failures.push(error),
  });
  await using _ = learner;
  for (const text of texts) serve(learner, text);
  await expect.poll(() => failures.length, { timeout: 30_000 }).toBe(1);
  for (const text of texts) serve(learner, text);
  expect(learner.report).toMatchObject({ version: 0, numSteps: 1 });
}, 60_000);

test("what is damaged is begun anew; what is another's is refused", async () => {
  const directory = newDirectory();
  {
    const { learner } = await open(directory);
    await using _ = learner;
    for (const text of texts.slice(0, 8)) serve(learner, text);
    await expect.poll(() => learner.report.version, { timeout: 30_000 }).toBe(1);
  }
  await expect(openOnlineDirectory(directory, other)).rejects.toMatchObject({
    ...{ code: "failed_precondition", field: directory },
    message: `${directory} must hold what the draft ${other} learnt, got what another one did`,
  });
  const weights = join(directory, "version-1", "draft", "model.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1;
  writeFileSync(weights, bytes);
  const anew = { version: 0, draft, training: undefined };
  expect(await openOnlineDirectory(directory, draft)).toMatchObject({
    ...{ ...anew, problem: "version 1 is damaged" },
  });
  writeFileSync(join(directory, "learning.json"), "{");
  expect(await openOnlineDirectory(directory, draft)).toMatchObject({
    ...{ ...anew, problem: "learning.json is missing or damaged" },
  });
  writeFileSync(join(directory, "thesis.txt"), "");
  await expect(openOnlineDirectory(directory, draft)).rejects.toMatchObject({
    message: `${directory} must hold what a draft learnt and nothing else, got thesis.txt`,
  });
}, 60_000);

test.each(["", import.meta.filename])("%j is no place to learn in", async (directory) => {
  await expect(openOnlineDirectory(directory, draft)).rejects.toMatchObject({
    ...{ code: "invalid_argument", field: "learn" },
    message: expect.stringMatching(/^learn must be a directory or a place for one \(.*\), got "/),
  });
});
