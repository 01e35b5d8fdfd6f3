import type { Open } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startTestVerifier } from "../network/start-services.ts";
import { besideOther, idle, openOf, prompt, refusalOf, writePlainly } from "./validation.cases.ts";

// What is wrong with a session itself: it is refused before any model work, and nobody else notices.

let verifier: RunningVerifier;
let text: number[];
beforeAll(async () => {
  verifier = await startTestVerifier();
  text = await writePlainly(verifier, 400);
});
afterAll(() => verifier?.close());
afterEach(() => expect.poll(() => verifier.status()).toMatchObject(idle));

const numTokenIds = 4096;
const contextLength = 512;
const filled = (length: number, tokenId = 9) => new Array<number>(length).fill(tokenId);

interface Refusal {
  readonly code: string;
  readonly field: string;
  /** As text: it went over a wire. */
  readonly value?: string;
}

type Case = [name: string, changes: Partial<Open>, refusal: Refusal];

const invalid = (field: string, value: unknown): Refusal => ({
  code: "invalid_argument",
  field,
  value: String(value),
});
const outOfRange = (field: string, value: unknown): Refusal => ({
  ...invalid(field, value),
  code: "out_of_range",
});

const texts: Case[] = [
  [
    "a prompt token beyond the vocabulary",
    { promptTokenIds: [1, 2, numTokenIds] },
    invalid("prompt token ids[2]", numTokenIds),
  ],
  [
    "a negative prompt token",
    { promptTokenIds: [-1] },
    invalid("prompt token ids[0]", 2 ** 32 - 1),
  ],
  ["no prompt", { promptTokenIds: [] }, { code: "invalid_argument", field: "prompt" }],
  [
    "a prompt that fills the context",
    { promptTokenIds: filled(contextLength), maxTokens: 1 },
    outOfRange("prompt", contextLength),
  ],
  [
    "a prompt of a million bytes",
    { promptTokenIds: filled(400_000), maxTokens: 1 },
    { code: "invalid_argument", field: "message" }, // before it is decoded
  ],
  [
    "more output than the context has room for",
    { maxTokens: contextLength - prompt.length + 1 },
    outOfRange("maxTokens", contextLength - prompt.length + 1),
  ],
  ["no output", { maxTokens: 0 }, invalid("maxTokens", 0)],
  [
    "a committed token beyond the vocabulary",
    { committedTokenIds: [5, 4, 70_000] },
    invalid("committedTokenIds[2]", 70_000),
  ],
  [
    "as many committed tokens as output was asked for",
    { committedTokenIds: filled(20), maxTokens: 20 },
    outOfRange("committedTokenIds", 20),
  ],
  ["a name with a space", { sessionId: "a b" }, invalid("session_id", "a b")],
  ["no name", { sessionId: "" }, invalid("session_id", "")],
  ["a name that is too long", { sessionId: "x".repeat(65) }, invalid("session_id", "x".repeat(65))],
  [
    "more of the most probable tokens than there may be",
    { wantsLogprobs: true, numTopLogprobs: 21 },
    invalid("num_top_logprobs", 21),
  ],
  [
    "most probable tokens without log-probabilities",
    { numTopLogprobs: 1 },
    invalid("numTopLogprobs", 1),
  ],
  [
    "an end token beyond the vocabulary",
    { endTokenIds: [3, numTokenIds] },
    invalid("endTokenIds[1]", numTokenIds),
  ],
  [
    "more end tokens than there may be",
    { endTokenIds: filled(257) },
    invalid("end_token_ids", 257),
  ],
  ["a seed beyond 2^53 - 1", { seed: 2 ** 53 }, invalid("seed", 2 ** 53)],
];

const samplings: Case[] = (
  [
    ["temperature", Number.NaN],
    ["temperature", -1],
    ["temperature", 101],
    ["topK", -2],
    ["topP", 0],
    ["topP", 1.5],
    ["topP", Number.NaN],
    ["minP", -0.1],
    ["minP", 1.1],
    ["repetitionPenalty", 0],
    ["repetitionPenalty", Number.POSITIVE_INFINITY],
    ["presencePenalty", 2.5],
    ["frequencyPenalty", Number.NaN],
  ] as const
).map(([field, value]) => [
  `${field} ${value}`,
  { sampling: { [field]: value } },
  invalid(field, value),
]);

const biases: Case[] = [
  [
    "a bias for a token beyond the vocabulary",
    { sampling: { logitBias: new Map([[numTokenIds, 1]]) } },
    invalid("logitBias token id", numTokenIds),
  ],
  [
    "a bias beyond 100",
    { sampling: { logitBias: new Map([[3, 101]]) } },
    invalid("logitBias[3]", 101),
  ],
  [
    "a bias that is no number",
    { sampling: { logitBias: new Map([[3, Number.NaN]]) } },
    invalid("logitBias[3]", Number.NaN),
  ],
  [
    "more than 1024 biases",
    { sampling: { logitBias: new Map(filled(1025).map((_, id) => [id, 1])) } },
    invalid("logit_bias", "1025 entries"),
  ],
];

describe("a session is refused for", () => {
  test.each([...texts, ...samplings, ...biases])("%s", async (_, changes, refusal) => {
    const open = openOf(verifier, changes);
    const error = await besideOther(verifier, text, () => refusalOf(verifier, open));
    expect(error).toMatchObject(refusal);
    // One line that says all of it.
    expect(error.message).toContain(refusal.field);
    if (refusal.value !== undefined) expect(error.message).toContain(refusal.value.slice(0, 20));
    expect(error.message).not.toContain("\n");
  });
});
