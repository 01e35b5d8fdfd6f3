import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drafterKinds, type VerificationRuleName, type WeightPrecision } from "@adaedl/core";
import type { DraftServiceOptions, RunningDraftService } from "@adaedl/draft-service";
import { openSpeculator, type Speculator } from "@adaedl/engine";
import { examplePrompts } from "@adaedl/example-models";
import type { GenerateRequest } from "@adaedl/protocol";
import { copyModel } from "@adaedl/testing";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Generated,
  generateAt,
  startTestDraftService,
  startTestVerifier,
  storyteller,
} from "./start-services.ts";

let verifier: RunningVerifier;
let draft: RunningDraftService;
let local: Speculator;
beforeAll(async () => {
  verifier = await startTestVerifier();
  draft = await startTestDraftService([verifier.address]);
  const open = (directory: string) => ({ directory, numThreads: 1 });
  local = await openSpeculator({
    target: open(storyteller.target),
    draft: open(storyteller.draft),
  });
});
afterAll(async () => {
  await draft?.close();
  await verifier?.close();
  await local?.close();
});

const prompts = examplePrompts("storyteller");
/** Prompts of the example set, glued together until they have so many tokens. */
function promptOf(numTokens: number, first: number): readonly number[] {
  let text = "";
  let tokenIds: readonly number[] = [];
  for (let index = first; tokenIds.length < numTokens; index++) {
    text += `${prompts[index % prompts.length]} `;
    tokenIds = local.facts.tokenizer.encode(text);
  }
  return tokenIds.slice(0, numTokens);
}

function requestOf(
  promptTokenIds: readonly number[],
  fields: Omit<GenerateRequest, "prompt">,
): GenerateRequest {
  return { prompt: { type: "tokenIds", tokenIds: promptTokenIds }, ignoreEos: true, ...fields };
}

async function generateLocally(
  request: GenerateRequest,
  speculator = local,
): Promise<Omit<Generated, "finished">> {
  const { prompt, ...fields } = request;
  const promptTokenIds = prompt.type === "tokenIds" ? prompt.tokenIds : [];
  const tokenIds: number[] = [];
  let text = "";
  for await (const event of speculator.generate({ ...fields, promptTokenIds })) {
    if (event.type !== "token") continue;
    tokenIds.push(event.tokenId);
    text += event.text;
  }
  return { tokenIds, text };
}

async function expectSame(request: GenerateRequest, { address } = draft): Promise<Generated> {
  const expected = await generateLocally(request);
  const generated = await generateAt(address, request);
  expect(generated.tokenIds).toEqual(expected.tokenIds);
  expect(generated.text).toBe(expected.text);
  return generated;
}

const policies = ["none", "static:1", "static:7", "adaedl", "adaedl:lambda=0.3,max=16"];
const rules: readonly VerificationRuleName[] = ["shared-noise", "rejection"];

describe.each(rules)("over the network, with %s", (verification) => {
  // The first's rounds may be empty. Under rejection all of them are refused.
  const streams = ["stream", "stream:chances=adaedl", "stream:candidates=1,width=1,bound=0.2"];
  const others = verification === "rejection" ? [] : ["confidence", ...streams];
  test.each([...policies, ...others])("%s gives the text it gives locally", async (policy) => {
    for (const temperature of [0, 1]) {
      const fields = { policy, verification, sampling: { temperature }, seed: 11, maxTokens: 80 };
      await expectSame(requestOf(promptOf(20, 3), fields));
    }
  });

  test("1 to 8 sessions at a time, long prompts among them, do not show in each other", async () => {
    for (const numSessions of [1, 3, 8]) {
      const requests = Array.from({ length: numSessions }, (_, index) =>
        requestOf(promptOf([12, 300, 30, 450, 5, 280, 60, 1][index] ?? 10, index), {
          policy: policies[index % policies.length] ?? "none",
          verification,
          sampling: { temperature: index % 2 },
          seed: 100 + index,
          maxTokens: 40,
        }),
      );
      const expected: Omit<Generated, "finished">[] = [];
      for (const request of requests) expected.push(await generateLocally(request));
      const generated = await Promise.all(
        requests.map((request) => generateAt(draft.address, request)),
      );
      expect(generated.map(({ tokenIds }) => tokenIds)).toEqual(
        expected.map(({ tokenIds }) => tokenIds),
      );
      expect(generated.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
    }
  });
});

test.each<[string, Partial<DraftServiceOptions>]>([
  ["a table alone, with the verifier's tokenizer", { draft: undefined, drafters: ["suffix"] }],
  ["the model and a table", { drafters: ["model", "suffix"] }],
  ["a table of the target's likely tokens", { draft: undefined, drafters: ["recycle"] }],
  ["a table of trigrams", { draft: undefined, drafters: ["aded"], corpus: "One, two, three." }],
  ["everything at once", { drafters: drafterKinds }],
])("the text is the same where what drafts is %s", async (_, options) => {
  await using service = await startTestDraftService([verifier.address], options);
  let numAccepted = 0;
  // In a stream a draft may always come too late for so fast a target; in rounds it waits for each.
  for (const [policy, temperature] of [
    ["stream", 0],
    ["stream", 0.7],
    ["static:3", 0],
  ] as const) {
    const fields = { policy, sampling: { temperature }, seed: 11, maxTokens: 150 };
    // The prompt says everything three times, so that a table has something to find.
    const prompt = [1, 2, 3].flatMap(() => promptOf(20, 3));
    const { finished } = await expectSame(requestOf(prompt, fields), service);
    numAccepted += finished.statistics.numAccepted;
  }
  expect(numAccepted).toBeGreaterThan(0);
});

test("the text is the same where the draft model drafts in parallel, in streams and in rounds", async () => {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-parallel-"));
  const fields = { adaedl_parallel: { mask_token_id: 4095, depth: 4 } };
  const directory = copyModel(storyteller.draft, join(folder, "draft"), fields);
  await using service = await startTestDraftService([verifier.address], {
    draft: { directory, numThreads: 1 },
  });
  let numAccepted = 0;
  for (const [policy, temperature] of [
    ["stream", 0],
    ["stream:chances=adaedl", 0.7],
    ["static:7", 0.7],
    ["adaedl", 0],
  ] as const) {
    const request = { policy, sampling: { temperature }, seed: 11, maxTokens: 60 };
    const { finished } = await expectSame(requestOf(promptOf(20, 3), request), service);
    numAccepted += finished.statistics.numAccepted;
  }
  expect(numAccepted).toBeGreaterThan(0);
  rmSync(folder, { recursive: true });
});

test("the text is the same where the verifier drafts itself, alone and with an edge", async () => {
  const suffix = { textTokens: 4096, pastTokens: 4096 };
  await using drafting = await startTestVerifier({ suffix });
  await using service = await startTestDraftService([drafting.address]);
  const totals = { numAccepted: 0, numVerifierAccepted: 0 };
  for (const [policy, temperature, isHelped] of [
    ["verifier", 0, true],
    ["stream", 0, true],
    ["stream", 0.7, true],
    ["adaedl", 0, false],
    ["none", 0, false],
  ] as const) {
    const fields = { policy, sampling: { temperature }, seed: 11, maxTokens: 60 };
    // The prompt says everything twice, so that there is something to find.
    const prompt = [1, 2].flatMap(() => promptOf(20, 3));
    const { finished } = await expectSame(requestOf(prompt, fields), service);
    const { numCommits, numAccepted, numVerifierAccepted } = finished.statistics;
    expect(numCommits + numAccepted + numVerifierAccepted).toBe(60);
    if (!isHelped) expect(numVerifierAccepted).toBe(0);
    totals.numAccepted += numAccepted;
    totals.numVerifierAccepted += numVerifierAccepted;
  }
  expect(totals.numAccepted).toBeGreaterThan(0);
  expect(totals.numVerifierAccepted).toBeGreaterThan(20);
});

describe("short weights", () => {
  const target = { directory: storyteller.target, numThreads: 1 };
  const fields = { policy: "stream", sampling: { temperature: 0.8 }, seed: 11, maxTokens: 100 };
  const textAlone = async (weights: WeightPrecision) => {
    await using alone = await openSpeculator({ target: { ...target, weights } });
    return await generateLocally(requestOf(promptOf(20, 3), { ...fields, policy: "none" }), alone);
  };

  test("int4 at both ends: the text is the target's, also after its verifier was lost", async () => {
    const weights: WeightPrecision = "int4";
    const expected = await textAlone(weights);
    const options = { target: { ...target, weights } };
    const verifiers = [await startTestVerifier(options), await startTestVerifier(options)];
    const draftModel = { directory: storyteller.draft, numThreads: 1, weights };
    const addresses = verifiers.map(({ address }) => address);
    const service = await startTestDraftService(addresses, { draft: draftModel });
    let numTokens = 0;
    const loseVerifier = () => {
      if (++numTokens !== 10) return;
      void verifiers.find((one) => one.status().numSessions > 0)?.close();
    };
    // In rounds: drafts of a stream may all be late on a busy machine.
    const request = requestOf(promptOf(20, 3), { ...fields, policy: "static:4" });
    const generated = await generateAt(service.address, request, undefined, loseVerifier);
    expect(generated.tokenIds).toEqual(expected.tokenIds);
    expect(generated.finished.statistics.numReopened).toBe(1);
    expect(generated.finished.statistics.numAccepted).toBeGreaterThan(0);
    await service.close();
    await Promise.all(verifiers.map((one) => one.close()));
  });

  test("a verifier in another precision gets no session: its text would differ", async () => {
    const request = requestOf(promptOf(20, 3), fields);
    const expected = await generateAt(draft.address, request);
    expect((await textAlone("int8")).tokenIds).not.toEqual(expected.tokenIds);

    await using other = await startTestVerifier({ target: { ...target, weights: "int8" } });
    await using service = await startTestDraftService([verifier.address, other.address]);
    let numReopened = 0;
    for (let turn = 0; turn < 3; turn++) {
      const { tokenIds, finished } = await generateAt(service.address, request);
      expect(tokenIds).toEqual(expected.tokenIds);
      numReopened += finished.statistics.numReopened;
    }
    expect(numReopened).toBe(1); // then it is excluded
  });
});

test("stop strings, end tokens and log-probabilities are the same over the network", async () => {
  const common = { sampling: { temperature: 0.8 }, seed: 5, maxTokens: 100 };
  const request = { ...requestOf(promptOf(20, 3), { ...common, stop: [" and", "."] }) };
  await expectSame({ ...request, ignoreEos: false });

  const withLogprobs = requestOf(promptOf(20, 3), { ...common, wantsLogprobs: true });
  const logprobsOf = async (policy: string) => {
    const client = (await import("@adaedl/protocol")).openGenerationClient(draft);
    const logprobs: (number | undefined)[] = [];
    for await (const event of client.generate({ ...withLogprobs, policy }))
      if (event.type === "token") logprobs.push(event.logprob);
    client.close();
    return logprobs;
  };
  const plain = await logprobsOf("none");
  expect(plain).toHaveLength(100);
  expect(plain.every((logprob) => logprob !== undefined && logprob <= 0)).toBe(true);
  expect(await logprobsOf("static:4")).toEqual(plain);
});

test("a round whose guess was withheld is asked as an empty one: a token, a round trip", async () => {
  const fields = { seed: 1, maxTokens: 30, sampling: { temperature: 1 } };
  const request = requestOf(promptOf(10, 0), { ...fields, policy: "confidence:p-min=1" });
  const { tokenIds, finished } = await generateAt(draft.address, request);
  expect(tokenIds).toHaveLength(30);
  const { numCommits, numRoundTrips, numDrafted, fallbackTokens } = finished.statistics;
  expect({ numCommits, numRoundTrips, numDrafted }).toEqual({
    numCommits: 30,
    numRoundTrips: 30,
    numDrafted: 0,
  });
  expect(Object.values(fallbackTokens).every((numTokens) => numTokens === 0)).toBe(true);
});

test("plain decoding takes one round trip, however long the text is", async () => {
  const request = requestOf(promptOf(10, 0), { policy: "none", seed: 1, maxTokens: 120 });
  const { finished } = await generateAt(draft.address, request);
  expect(finished.statistics).toMatchObject({ numRoundTrips: 1, numCommits: 120, numDrafted: 0 });
});

describe("wire cost, without framing, with shared-noise", () => {
  test.each(["static:7", "static:1", "adaedl"])("%s", async (policy) => {
    const request = requestOf(promptOf(200, 0), { policy, seed: 1, maxTokens: 200 });
    const { statistics } = (await generateAt(draft.address, request)).finished;
    const { numDrafted, numCommits, draftTokenBytesUp, bytesDown } = statistics;
    expect(numDrafted).toBeGreaterThan(50);
    // Each draft token when it exists; and once for each draft, the text that it is for.
    expect(draftTokenBytesUp).toBeLessThanOrEqual(20 * numDrafted + 16 * numCommits);
    expect(draftTokenBytesUp / numDrafted).toBeGreaterThan(8);
    expect(bytesDown / numCommits).toBeLessThanOrEqual(64);
  });

  test("whole drafts: what goes up in all but the prompt is within 24 bytes a guess too", async () => {
    const request = requestOf([5], { policy: "static:7", seed: 1, maxTokens: 200 });
    const { statistics } = (await generateAt(draft.address, request)).finished;
    const longestOpen = 400;
    const { bytesUp, numDrafted } = statistics;
    expect((bytesUp - longestOpen) / numDrafted).toBeLessThanOrEqual(24);
  });
});
