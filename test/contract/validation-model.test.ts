import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createTinyTensors,
  overflowAfter,
  writeSafetensors,
  writeTinyModel,
} from "@adaedl/testing";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import { besideOther, idle, openOf, prompt, refusalOf, writePlainly } from "./validation.cases.ts";

// What is wrong with the target's own words.

const badToken = 5;
const directory = mkdtempSync(join(tmpdir(), "adaedl-contract-"));
let verifier: RunningVerifier;
beforeAll(async () => {
  const options = { architecture: "llama", contextLength: 512, vocabSize: 4096 } as const;
  writeTinyModel(directory, options);
  const tensors = overflowAfter(badToken, createTinyTensors(options));
  writeSafetensors(join(directory, "model.safetensors"), tensors);
  const cacheDirectory = join(directory, "cache");
  verifier = await startTestVerifier({ target: { directory, cacheDirectory, numThreads: 1 } });
});
afterAll(async () => {
  await verifier?.close();
  rmSync(directory, { recursive: true, force: true });
});

test("logits that are not numbers are the error of who asked for them, and of nobody else", async () => {
  const text = await writePlainly(verifier, 300);
  const badPrompt = [...prompt, badToken];
  const open = openOf(verifier, { promptTokenIds: badPrompt });
  const error = await besideOther(verifier, text, () => refusalOf(verifier, open));
  expect(error).toMatchObject({
    code: "internal",
    message: "the model returned logits that are not numbers (NaN)",
  });
  await expect.poll(() => verifier.status()).toMatchObject(idle);
});
