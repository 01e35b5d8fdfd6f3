import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import {
  AdaedlError,
  defaultSamplingParams,
  type ErrorCode,
  type GuessEvidence,
  Text,
} from "@adaedl/core";
import { createTestRandom, type TinyModelOptions, writeTinyModel } from "@adaedl/testing";
import { afterAll, expect, inject, onTestFinished } from "vitest";
import { getCurrentTest } from "vitest/suite";
import type {
  ModelThreadOptions,
  RowRead,
  RowResult,
  SlotResult,
  SlotSettings,
  SlotStep,
} from "./messages.ts";
import { type ModelThread, openModelThread } from "./model-thread.ts";

const root = mkdtempSync(join(inject("temporaryFolder"), "runtime-"));
let numPaths = 0;

/** The graphs of these tests. */
export const cacheDirectory = join(root, "cache");

/** A path that nothing has used yet; gone with the run. */
export function newPath(name = "model"): string {
  return join(root, String(numPaths++), name);
}

/** Writes a tiny model into a new directory. */
export function writeTiny(options: TinyModelOptions): string {
  return writeTinyModel(newPath(), options).directory;
}

/**
 * Opens a model, with one thread unless said otherwise. It is closed after the test that opens it, or after the
 * tests of the block or file that does.
 */
export async function open(
  options: ModelThreadOptions,
  signal?: AbortSignal,
): Promise<ModelThread> {
  const thread = await openModelThread({ cacheDirectory, numThreads: 1, ...options }, signal);
  const close = () => thread.close();
  if (getCurrentTest() === undefined) afterAll(close);
  else onTestFinished(close);
  return thread;
}

export const sampled: SlotSettings = {
  sampling: defaultSamplingParams,
  seed: 7,
  verification: "shared-noise",
  numPromptTokens: 0,
};
export const greedy: SlotSettings = {
  ...sampled,
  sampling: { ...defaultSamplingParams, temperature: 0 },
};

/** A step that puts `tokenIds` behind the tokens `kept`. */
export function stepOf(
  slotId: number,
  kept: readonly number[],
  tokenIds: readonly number[],
  reads: readonly RowRead[] = tokenIds.map((_, index) => ({ kind: "logits", index })),
): SlotStep {
  const keep = new Text(kept).fence();
  return { slotId, keep, tokenIds, reads, roundStart: kept.length };
}

/** The rows of a step that went well. */
export function rowsOf(result: SlotResult | undefined): readonly RowResult[] {
  if (result === undefined) throw new Error("there is no result");
  if ("error" in result) throw new Error(`the step failed: ${result.error.message}`);
  return result.rows;
}

/** The rows of a step that read logits only. */
export function logitsOf(result: SlotResult | undefined): Float32Array[] {
  return rowsOf(result).map((row) => {
    if (row.kind !== "logits") throw new Error(`a row is of kind ${row.kind}`);
    return row.logits;
  });
}

/** Computes a sequence in one forward in a slot of its own. [tokenIds.length][vocabSize] */
export async function freshLogits(
  thread: ModelThread,
  tokenIds: readonly number[],
): Promise<Float32Array[]> {
  const slotId = await thread.openSlot(sampled);
  const [result] = await thread.forward([stepOf(slotId, [], tokenIds)]);
  await thread.closeSlot(slotId);
  return logitsOf(result);
}

/** What one step of a forward failed with, without its stack. */
export function errorOf(result: SlotResult | undefined): { code: ErrorCode; message: string } {
  if (result === undefined || !("error" in result)) throw new Error("the step did not fail");
  const { code, message } = result.error;
  return { code, message };
}

/** What a piece of work failed with; a test that expects a failure fails when there is none. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: ErrorCode; message: string }> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    if (!(error instanceof AdaedlError)) throw error;
    return { code: error.code, message: error.message };
  }
  throw new Error(`nothing failed, the result is ${JSON.stringify(result)}`);
}

/** The same random token ids for the same seed. */
export function randomTokens(seed: number, length: number, vocabSize = 300): number[] {
  const random = createTestRandom(seed);
  return Array.from({ length }, () => random.integer(vocabSize));
}

/** Indices of the rows that differ in any bit, or that only one side has. */
export function differingRows(
  actual: readonly (Float32Array | undefined)[],
  expected: readonly (Float32Array | undefined)[],
): number[] {
  const indices = Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => i);
  return indices.filter((index) => {
    const [one, two] = [actual[index], expected[index]];
    return one === undefined || two === undefined || !bytesOf(one).equals(bytesOf(two));
  });
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** Evidence of the same guess, computed elsewhere in an order of its own. */
export function evidenceNear(evidence: GuessEvidence, numDigits: number): GuessEvidence {
  const { entropy, topProb, guessProb, margin } = evidence;
  return {
    entropy: expect.closeTo(entropy, numDigits),
    topProb: expect.closeTo(topProb, numDigits),
    guessProb: expect.closeTo(guessProb, numDigits),
    margin: margin === undefined ? undefined : expect.closeTo(margin, numDigits),
  };
}
