import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TinyModelOptions, writeTinyModel } from "@adaedl/testing";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "./start-services.ts";

let folder: string;
let verifier: RunningVerifier;
const directory = (name: string) => ({ directory: join(folder, name), numThreads: 1 });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "adaedl-fallbacks-"));
  const write = (name: string, options: Partial<TinyModelOptions>) =>
    writeTinyModel(join(folder, name), { architecture: "llama", contextLength: 400, ...options });
  write("target", {});
  write("twin", {}); // the target's own double: all of its guesses are accepted
  write("short", { contextLength: 60 });
  write("wide", { vocabSize: 400, seed: 2 }); // more rows than tokens, as padded models have
  write("nan", { weightScale: 1e20 }); // finite weights, and logits that are not
  verifier = await startTestVerifier({ target: directory("target") });
});
afterAll(async () => {
  await verifier?.close();
  rmSync(folder, { recursive: true, force: true });
});

const request = {
  prompt: { type: "tokenIds", tokenIds: Array.from({ length: 30 }, (_, i) => (i * 7) % 250) },
  policy: "static:4",
  maxTokens: 120,
  seed: 3,
  ignoreEos: true,
} as const;

/** The text without a draft model, and what a service with this one makes of the request. */
async function comparePlain(draftName: string, fields: object = {}) {
  await using draft = await startTestDraftService([verifier.address], {
    draft: directory(draftName),
  });
  const plain = await generateAt(draft.address, { ...request, ...fields, policy: "none" });
  const drafted = await generateAt(draft.address, { ...request, ...fields });
  expect(drafted.tokenIds).toHaveLength(request.maxTokens);
  return { plain, drafted, statistics: drafted.finished.statistics };
}

describe("a draft model that cannot help does not fail the request", () => {
  test("whose context is full: the rest is decoded without drafts", async () => {
    const { plain, drafted, statistics } = await comparePlain("short");
    expect(drafted.tokenIds).toEqual(plain.tokenIds);
    // 30 tokens of the prompt and 30 or 31 more fit; what follows is decoded there.
    const { draft_context: numUndrafted } = statistics.fallbackTokens;
    expect(numUndrafted).toBeGreaterThanOrEqual(120 - 31);
    expect(numUndrafted).toBeLessThan(120 - 20);
    expect(statistics.numRoundTrips).toBeLessThan(30);
    expect(statistics.numDrafted).toBeGreaterThan(10);
  });

  test("that fails: the request is decoded plainly, and says so", async () => {
    const { plain, drafted, statistics } = await comparePlain("nan");
    expect(drafted.tokenIds).toEqual(plain.tokenIds);
    expect(statistics).toMatchObject({ numDrafted: 0, numRoundTrips: 1 });
    expect(statistics.fallbackTokens).toEqual({ draft_context: 0, draft_failed: 120 });
  });

  test("with more rows than the target: drafts only tokens that the target has", async () => {
    const { plain, drafted } = await comparePlain("wide");
    expect(drafted.tokenIds).toEqual(plain.tokenIds);
    const { statistics } = await comparePlain("wide", { verification: "rejection" });
    expect(statistics.numDrafted).toBeGreaterThan(0);
    expect(statistics.fallbackTokens).toEqual({ draft_context: 0, draft_failed: 0 });
  });

  test("and one that can is used to the end", async () => {
    const { plain, drafted, statistics } = await comparePlain("twin");
    expect(drafted.tokenIds).toEqual(plain.tokenIds);
    expect(statistics.fallbackTokens).toEqual({ draft_context: 0, draft_failed: 0 });
    expect(statistics.numAccepted / statistics.numDrafted).toBe(1);
    expect(statistics.numCommits).toBe(120 / 5);
  });
});

test("a busy verifier verifies fewer draft tokens of a stream; the texts stay the same", {
  timeout: 90_000,
}, async () => {
  await using verifier = await startTestVerifier({ target: directory("target"), stepTokens: 8 });
  await using draft = await startTestDraftService([verifier.address], {
    draft: directory("twin"),
  });
  const drafted = { ...request, policy: "stream", maxTokens: 200 };
  const alone = await generateAt(draft.address, drafted);
  const others = Array.from({ length: 12 }, (_, seed) => ({ ...drafted, seed, policy: "none" }));
  const [crowded] = await Promise.all([
    generateAt(draft.address, drafted),
    ...others.map((other) => generateAt(draft.address, other)),
  ]);
  expect(crowded.tokenIds).toEqual(alone.tokenIds);
});
