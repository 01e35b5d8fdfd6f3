import { expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "./start-services.ts";

const request = {
  prompt: { type: "text", text: "The captain looked at the letter and" },
  seed: 4,
  maxTokens: 40,
  ignoreEos: true,
} as const;

test("a verifier that takes short drafts only gets short drafts", async () => {
  await using verifier = await startTestVerifier({ maxDraftLength: 2 });
  await using draft = await startTestDraftService([verifier.address]);
  const plain = await generateAt(draft.address, { ...request, policy: "none" });
  const drafted = await generateAt(draft.address, { ...request, policy: "static:7" });
  expect(drafted.tokenIds).toEqual(plain.tokenIds);
  const { numDrafted, numCommits, numReopened } = drafted.finished.statistics;
  expect(numDrafted / numCommits).toBeGreaterThan(1);
  expect(numDrafted / numCommits).toBeLessThanOrEqual(2);
  expect(numReopened).toBe(0);
});

test("a session that the cache has no room for is refused before any model work", async () => {
  const twoBlocks = 2 * 128 * 4096; // rows of the built-in target: 4 kB a token
  await using verifier = await startTestVerifier({ cacheBytes: twoBlocks });
  expect(verifier.description.contextLength).toBe(256);
  await using draft = await startTestDraftService([verifier.address]);
  expect(draft.description.contextLength).toBe(256);
  await expect(generateAt(draft.address, { ...request, maxTokens: 250 })).rejects.toMatchObject({
    code: "out_of_range",
    field: "maxTokens",
  });
  expect(verifier.status().numSteps).toBe(0);
  const { tokenIds } = await generateAt(draft.address, { ...request, maxTokens: 240 });
  expect(tokenIds).toHaveLength(240);
});

test("a client whose request is over its quota for good is not told to try again", async () => {
  await using verifier = await startTestVerifier({ maxClientTokens: 30 });
  await using draft = await startTestDraftService([verifier.address], {
    timeouts: { openMs: 5_000, roundMs: 5_000, giveUpMs: 20_000 },
  });
  const startedAt = performance.now();
  await expect(generateAt(draft.address, request)).rejects.toMatchObject({
    code: "out_of_range",
    message: "maxTokens must leave the sequence within the context here: 8 prompt tokens + 40 > 30",
  });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
