import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningDraftService } from "@adaedl/draft-service";
import { type GenerateRequest, openGenerationClient } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "../network/start-services.ts";

// A draft that learns while it serves: what it learns changes no text.

const numRequests = 208; // 26 seeds at 3 temperatures, some of them thrice
const folder = mkdtempSync(join(tmpdir(), "adaedl-learning-"));
let numDirectories = 0;
const learn = () => join(folder, String(numDirectories++));

let verifier: RunningVerifier;
beforeAll(async () => {
  verifier = await startTestVerifier();
});
afterAll(async () => {
  await verifier?.close();
  rmSync(folder, { recursive: true, force: true });
});

const requestOf = (index: number): GenerateRequest => ({
  prompt: { type: "text", text: `The ${index % 2 === 0 ? "captain" : "child"} said, "I` },
  sampling: { temperature: [0, 0.7, 1][index % 3] as number },
  seed: index % 26,
  maxTokens: 16,
  ignoreEos: true,
  policy: "stream",
});

async function metricsOf({ metrics }: RunningDraftService): Promise<(name: string) => number> {
  const text = (await metrics?.render()) ?? "";
  return (name) => Number(new RegExp(`^adaedl_${name}\\{.*\\} (.+)$`, "m").exec(text)?.[1] ?? NaN);
}

test("the text of a seed is the same before, during and after swaps of weights", async () => {
  const expected: (readonly number[])[] = [];
  {
    await using plain = await startTestDraftService([verifier.address]);
    for (let index = 0; index < 78; index++)
      expected.push((await generateAt(plain.address, requestOf(index))).tokenIds);
  }
  await using service = await startTestDraftService([verifier.address], {
    ...{ learn: learn(), metricsListen: "127.0.0.1:0" },
  });
  const version = async () => (await metricsOf(service))("learning_version");
  for (let index = 0; index < numRequests; index += 4) {
    const group = [0, 1, 2, 3].map(async (one) => {
      await sleep(20 * one);
      const { tokenIds } = await generateAt(service.address, requestOf((index + one) % 78));
      expect(tokenIds).toEqual(expected[(index + one) % 78]);
    });
    const before = await version();
    await Promise.all(group);
    // Jobs begin in pauses, and most are interrupted; some pauses are long enough for new weights.
    if (index % 40 !== 36) await sleep((index * 37) % 400);
    else await expect.poll(version, { timeout: 30_000 }).toBeGreaterThan(before);
  }
  const metric = await metricsOf(service);
  expect(metric("learning_version")).toBeGreaterThanOrEqual(5);
  expect(metric("learning_positions_total")).toBe(numRequests * 16);
  expect(metric("learning_live_match_ratio")).toBeGreaterThan(0.3);
}, 300_000);

test("clients get the log-probabilities that they ask for, and no others", async () => {
  await using service = await startTestDraftService([verifier.address], { learn: learn() });
  const client = openGenerationClient(service);
  const tokensOf = async (changes: Partial<GenerateRequest>) => {
    const tokens = [];
    for await (const event of client.generate({ ...requestOf(1), ...changes }))
      if (event.type === "token") tokens.push(event);
    return tokens;
  };
  for (const token of await tokensOf({})) {
    expect(token.logprob).toBeUndefined();
    expect(token.topLogprobs ?? []).toEqual([]);
  }
  for (const token of await tokensOf({ wantsLogprobs: true, numTopLogprobs: 3 })) {
    expect(token.logprob).toBeLessThanOrEqual(0);
    expect(token.topLogprobs).toHaveLength(3);
  }
  client.close();
}, 60_000);

test("a draft that is to learn has to be there", async () => {
  const options = { learn: learn(), draft: undefined, drafters: ["suffix"] as const };
  await expect(startTestDraftService([verifier.address], options)).rejects.toMatchObject({
    ...{ code: "invalid_argument", field: "learn" },
  });
});
