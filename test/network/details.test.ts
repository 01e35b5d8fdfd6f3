import type { RunningDraftService } from "@adaedl/draft-service";
import {
  type GeneratedToken,
  type GenerateEvent,
  type GenerateRequest,
  type GenerationCommit,
  openGenerationClient,
} from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestDraftService, startTestVerifier } from "./start-services.ts";

// What is told to who watches a generation: commits, most probable tokens, what tokens are alone.

let verifier: RunningVerifier;
let draft: RunningDraftService;
beforeAll(async () => {
  verifier = await startTestVerifier();
  draft = await startTestDraftService([verifier.address]);
});
afterAll(async () => {
  await draft?.close();
  await verifier?.close();
});

const request: GenerateRequest = {
  prompt: { type: "text", text: "The captain looked at the letter and" },
  sampling: { temperature: 0.8 },
  seed: 4,
  maxTokens: 60,
  ignoreEos: true,
};

async function watch(changes: Partial<GenerateRequest>) {
  const client = openGenerationClient(draft);
  const events: GenerateEvent[] = [];
  for await (const event of client.generate({ ...request, ...changes })) events.push(event);
  client.close();
  const commits = events.filter((event): event is GenerationCommit => event.type === "commit");
  const tokens = events.filter((event): event is GeneratedToken => event.type === "token");
  const finished = events.at(-1);
  if (finished?.type !== "finished") throw new Error("the generation did not finish");
  return { events, commits, tokens, statistics: finished.statistics };
}

const spell = (parts: readonly { readonly bytes?: Uint8Array }[]) =>
  new TextDecoder().decode(Buffer.concat(parts.map(({ bytes = new Uint8Array(0) }) => bytes)));

test.each(["adaedl", "static:3", "none", "confidence:p-min=1"])(
  "%s: commits add up to the generation, and each comes before its tokens",
  async (policy) => {
    const { events, commits, tokens, statistics } = await watch({ policy, wantsDetails: true });
    const numbers = Array.from({ length: statistics.numCommits }, (_, number) => number);
    expect(commits.map(({ number }) => number)).toEqual(numbers);
    const sumOf = (value: (commit: GenerationCommit) => number) =>
      commits.reduce((sum, commit) => sum + value(commit), 0);
    expect(sumOf(({ draftTokens }) => draftTokens.length)).toBe(statistics.numDrafted);
    expect(sumOf(({ draftMs }) => draftMs)).toBeCloseTo(statistics.draftMs, 6);
    const { queueMs, verifyMs, networkMs } = statistics;
    expect(sumOf((commit) => commit.queueMs)).toBeCloseTo(queueMs, 6);
    expect(sumOf((commit) => commit.verifyMs)).toBeCloseTo(verifyMs, 6);
    const wayMs = sumOf(({ waitMs }) => waitMs) - queueMs - verifyMs;
    expect(Math.max(0, wayMs)).toBeCloseTo(networkMs, 6);

    let left: GenerationCommit["draftTokens"] = [];
    let numToCome = 0;
    for (const event of events) {
      if (event.type === "commit") {
        expect(numToCome).toBe(0);
        left = event.draftTokens.slice(0, event.numAccepted);
        numToCome = event.numAccepted + 1;
        if (event.draftTokens.length > 0) expect(event.endReason).toBeDefined();
        if (policy === "none") expect(event.endReason).toBeUndefined();
      } else if (event.type === "token") {
        const [guess, ...rest] = left;
        if (guess !== undefined)
          expect(event).toMatchObject({ tokenId: guess.tokenId, entropy: guess.entropy });
        left = rest;
        numToCome--;
      }
    }
    expect(spell(tokens)).toBe(tokens.map(({ text }) => text).join(""));
  },
);

test("who does not ask is told nothing more", async () => {
  const [quiet, watched] = [await watch({}), await watch({ wantsDetails: true })];
  const typesOf = (events: readonly GenerateEvent[]) => new Set(events.map(({ type }) => type));
  expect(typesOf(quiet.events)).toEqual(new Set(["started", "token", "finished"]));
  expect(typesOf(watched.events)).toEqual(
    new Set(["started", "commit", "frontier", "token", "finished"]),
  );
  expect(quiet.tokens).toEqual(watched.tokens.map(({ bytes: _, ...token }) => token));
});

test("most probable tokens are the target's own, drafted or plain", async () => {
  const asked = { wantsLogprobs: true, numTopLogprobs: 5 };
  const plain = (await watch({ ...asked, policy: "none" })).tokens;
  const drafted = (await watch({ ...asked, policy: "static:4" })).tokens;
  expect(drafted.map(({ topLogprobs }) => topLogprobs)).toEqual(
    plain.map(({ topLogprobs }) => topLogprobs),
  );
  for (const { tokenId, bytes, logprob, topLogprobs = [] } of plain) {
    expect(topLogprobs).toHaveLength(5);
    const logprobs = topLogprobs.map((one) => one.logprob);
    expect([...logprobs].sort((a, b) => b - a)).toEqual(logprobs);
    const chosen = topLogprobs.find((one) => one.tokenId === tokenId);
    if (chosen === undefined) expect(logprob).toBeLessThanOrEqual(logprobs.at(-1) as number);
    else expect(chosen).toEqual({ tokenId, bytes, logprob });
  }
});

test("a text may fill the target's context where that is asked for", async () => {
  const tokenIds = Array.from({ length: 400 }, (_, index) => 300 + (index % 50));
  const long = { prompt: { type: "tokenIds", tokenIds }, maxTokens: undefined } as const;
  const numTokens = async (changes: Partial<GenerateRequest>) =>
    (await watch({ ...long, ...changes })).tokens.length;
  expect(await numTokens({ prompt: { type: "tokenIds", tokenIds: [300] } })).toBe(128);
  expect(await numTokens({ untilContextEnds: true })).toBe(112); // 512 - 400
  expect(await numTokens({ untilContextEnds: true, maxTokens: 3 })).toBe(3);
});
