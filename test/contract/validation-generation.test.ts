import { AdaedlError } from "@adaedl/core";
import type { RunningDraftService } from "@adaedl/draft-service";
import { type GenerateRequest, maxMessageBytes, openGenerationClient } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "../network/start-services.ts";
import { idle } from "./validation.cases.ts";

// What is wrong with a request for text: it is refused before any work, and nobody else notices.

const maxRequests = 3;
let verifier: RunningVerifier;
let draft: RunningDraftService;
let undisturbed: readonly number[];
beforeAll(async () => {
  verifier = await startTestVerifier();
  draft = await startTestDraftService([verifier.address], { maxRequests });
  undisturbed = (await generateAt(draft.address, other)).tokenIds;
});
afterAll(async () => {
  await draft?.close();
  await verifier?.close();
});
afterEach(async () => {
  await expect.poll(() => draft.numRunning).toBe(0);
  await expect.poll(() => verifier.status()).toMatchObject(idle);
});

const prompt = { type: "tokenIds", tokenIds: [17, 300, 45] } as const;
const other: GenerateRequest = { prompt, maxTokens: 60, seed: 3, ignoreEos: true };

/** What a request fails with that is not even begun, while another one runs. */
async function refusalOf(request: Partial<GenerateRequest>): Promise<AdaedlError> {
  const client = openGenerationClient({ address: draft.address });
  const running = generateAt(draft.address, other);
  running.catch(() => {}); // it is awaited below
  try {
    for await (const event of client.generate({ prompt, ...request }, AbortSignal.timeout(10_000)))
      throw new Error(`the request was not refused: ${event.type}`);
  } catch (error) {
    expect((await running).tokenIds).toEqual(undisturbed);
    if (error instanceof AdaedlError) return error;
    throw error;
  } finally {
    client.close();
  }
  throw new Error("the generation ended without a word");
}

const prompts: [string, GenerateRequest["prompt"], object][] = [
  [
    "a token beyond the vocabulary",
    { type: "tokenIds", tokenIds: [5, 4096] },
    { code: "invalid_argument", field: "prompt token ids[1]", value: "4096" },
  ],
  [
    "a negative token",
    { type: "tokenIds", tokenIds: [-2] },
    { code: "invalid_argument", field: "prompt token ids[0]", value: String(2 ** 32 - 2) },
  ],
  ["no tokens", { type: "tokenIds", tokenIds: [] }, { code: "invalid_argument", field: "prompt" }],
  [
    "as many tokens as the context",
    { type: "tokenIds", tokenIds: new Array(512).fill(7) },
    { code: "out_of_range", field: "prompt", value: "512" },
  ],
  [
    "a text that is too long",
    { type: "text", text: "once upon a time ".repeat(2000) },
    { code: "out_of_range", field: "prompt" },
  ],
  [
    "a conversation without messages",
    { type: "chat", messages: [] },
    { code: "invalid_argument", field: "chat.messages", value: "none" },
  ],
  [
    "nothing of that kind at all",
    { type: "none" } as never,
    { code: "invalid_argument", message: expect.stringContaining("text, token_ids or chat") },
  ],
];

const invalid = (field: string, value?: unknown) => ({
  code: "invalid_argument",
  field,
  ...(value === undefined ? {} : { value: String(value) }),
});

const fields: [string, Partial<GenerateRequest>, { readonly field: string }][] = [
  ["no output", { maxTokens: 0 }, invalid("maxTokens", 0)],
  [
    "more output than the context has room for",
    { maxTokens: 510 },
    { ...invalid("maxTokens", 510), code: "out_of_range" },
  ],
  ["17 stop strings", { stop: new Array(17).fill("x") }, invalid("stop", "17 strings")],
  ["an empty stop string", { stop: ["x", ""] }, invalid("stop", "")],
  ["an unknown policy", { policy: "greedy" }, invalid("policy", "greedy")],
  ["a policy's bad length", { policy: "static:0" }, invalid("policy static length", "0")],
  ["a policy's unknown parameter", { policy: "adaedl:x=1" }, invalid("policy", "adaedl:x=1")],
  ["a policy's bad parameter", { policy: "adaedl:lambda=2" }, invalid("policy adaedl lambda", 2)],
  ["a longest draft above 64", { maxDraft: 65 }, invalid("maxDraft", 65)],
  [
    "more of the most probable tokens than there may be",
    { wantsLogprobs: true, numTopLogprobs: 21 },
    invalid("numTopLogprobs", 21),
  ],
  [
    "most probable tokens without log-probabilities",
    { numTopLogprobs: 1 },
    invalid("numTopLogprobs", 1),
  ],
  ["a seed beyond 2^53 - 1", { seed: 2 ** 53 }, invalid("seed", 2 ** 53)],
  ["temperature NaN", { sampling: { temperature: Number.NaN } }, invalid("temperature", "NaN")],
  ["temperature -1", { sampling: { temperature: -1 } }, invalid("temperature", -1)],
  ["top_p 0", { sampling: { topP: 0 } }, invalid("topP", 0)],
  ["min_p 2", { sampling: { minP: 2 } }, invalid("minP", 2)],
  ["repetition penalty 0", { sampling: { repetitionPenalty: 0 } }, invalid("repetitionPenalty", 0)],
  [
    "a bias beyond the vocabulary",
    { sampling: { logitBias: new Map([[4096, 1]]) } },
    invalid("logitBias token id", 4096),
  ],
  [
    "more than 1024 biases",
    { sampling: { logitBias: new Map(Array.from({ length: 1025 }, (_, id) => [id, 1])) } },
    invalid("logit_bias", "1025 entries"),
  ],
];

describe("a request is refused for its prompt:", () => {
  test.each(prompts)("%s", async (_, prompt, refusal) => {
    expect(await refusalOf({ prompt })).toMatchObject(refusal);
  });
});

describe("a request is refused for", () => {
  test.each(fields)("%s", async (_, request, refusal) => {
    const error = await refusalOf(request);
    expect(error).toMatchObject(refusal);
    expect(error.message).toContain(refusal.field);
    expect(error.message).not.toContain("\n");
  });

  test("a message beyond the limit", async () => {
    const text = "a".repeat(maxMessageBytes);
    expect(await refusalOf({ prompt: { type: "text", text } })).toMatchObject({
      code: "out_of_range",
      message: expect.stringContaining(`must fit into a message of ${maxMessageBytes} bytes`),
    });
  });
});

test("one request too many is refused with the time to wait, until another ends", async () => {
  const all = Array.from({ length: maxRequests }, () =>
    generateAt(draft.address, { ...other, maxTokens: 400 }),
  );
  await expect.poll(() => draft.numRunning).toBe(maxRequests);
  await expect(generateAt(draft.address, other)).rejects.toMatchObject({
    code: "resource_exhausted",
    field: "requests",
    message: `${maxRequests} generations are running`,
    retryAfterMs: expect.any(Number),
  });
  for (const { tokenIds } of await Promise.all(all))
    expect(tokenIds.slice(0, undisturbed.length)).toEqual(undisturbed);
  expect((await generateAt(draft.address, other)).tokenIds).toEqual(undisturbed);
});
