import {
  drafterKinds,
  type GuessDistribution,
  type SamplingParams,
  type TokenOrigin,
  type VerificationRuleName,
} from "@adaedl/core";
import fc from "fast-check";
import type {
  GenerateEvent,
  GenerateRequest,
  GenerationCommit,
  GenerationFinished,
} from "./generation/messages.ts";
import type { VerifierDescription } from "./verification/messages.ts";

const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const seed = fc.maxSafeNat();
const tokenIds = fc.array(uint32, { maxLength: 20 });
const finite = { noNaN: true, noDefaultInfinity: true };
const double = fc.double(finite);
const float = fc.float(finite);
const numTopLogprobs = fc.nat({ max: 20 });
const endReason = fc.constantFrom("policy" as const, "limit" as const, "drafter" as const);
const bytes = fc.uint8Array({ maxLength: 8 });
const rule = fc.constantFrom<VerificationRuleName>("shared-noise", "rejection");
/** Whole characters only: halves of one have no UTF-8. */
const text = fc.string({ unit: "binary" });
const optional = { requiredKeys: [] as [] };

export const sampling: fc.Arbitrary<Partial<SamplingParams>> = fc.record(
  {
    temperature: double,
    topK: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    topP: double,
    minP: double,
    repetitionPenalty: double,
    presencePenalty: double,
    frequencyPenalty: double,
    logitBias: fc.array(fc.tuple(uint32, double), { minLength: 1 }).map((pairs) => new Map(pairs)),
  },
  optional,
);

export const vocabulary = fc.record({ size: uint32, digest: text, tokenizerDigest: text });
export const version = fc.record({ major: uint32, minor: uint32 });

/** One that is allowed: float32 weights whose sum is no more than 1. */
export const distribution: fc.Arbitrary<GuessDistribution> = fc
  .uniqueArray(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 256 })
  .chain((ids) =>
    fc
      .array(fc.nat({ max: 1_000 }), { minLength: ids.length, maxLength: ids.length })
      .map((parts) => ({
        tokenIds: Int32Array.from(ids),
        weights: Float32Array.from(parts, (part) => (part + 1) / 1_002 / ids.length),
      })),
  );

export const verifierDescriptions: fc.Arbitrary<VerifierDescription> = fc.record({
  modelId: text,
  protocolVersion: version,
  vocabulary,
  numTokenIds: uint32,
  contextLength: uint32,
  eosTokenIds: tokenIds,
  defaultSampling: sampling,
  limits: fc.record({
    maxDraftLength: uint32,
    maxSessions: uint32,
    maxClientTokens: uint32,
    maxMessageBytes: uint32,
    idleTimeoutMs: uint32,
  }),
  numParameters: fc.maxSafeNat(),
  tokenizerParts: fc.dictionary(fc.stringMatching(/^[a-z_]{1,20}$/), text),
  emulatedForwardMs: text,
  weights: text,
  numerics: text,
  requiresSameNumerics: fc.boolean(),
});

const prompt = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text }),
  fc.record({ type: fc.constant("tokenIds" as const), tokenIds }),
  fc.record({
    type: fc.constant("chat" as const),
    messages: fc.array(fc.record({ role: text, content: text }), { minLength: 1, maxLength: 5 }),
  }),
);

export const generateRequests: fc.Arbitrary<GenerateRequest> = fc.record(
  {
    prompt,
    maxTokens: uint32,
    sampling,
    seed,
    stop: fc.array(text, { maxLength: 5 }),
    ignoreEos: fc.boolean(),
    policy: text,
    maxDraft: uint32,
    verification: rule,
    wantsLogprobs: fc.boolean(),
    numTopLogprobs,
    wantsDetails: fc.boolean(),
    untilContextEnds: fc.boolean(),
    wantsPrompt: fc.boolean(),
  },
  { requiredKeys: ["prompt"] },
);

const finished: fc.Arbitrary<GenerationFinished> = fc.record({
  type: fc.constant("finished" as const),
  finishReason: fc.constantFrom("stop" as const, "length" as const),
  numPromptTokens: uint32,
  numOutputTokens: uint32,
  statistics: fc.record({
    numCommits: uint32,
    numDrafted: uint32,
    numAccepted: uint32,
    acceptedBy: fc.dictionary(fc.stringMatching(/^[a-z,]{1,20}$/), uint32),
    numVerifierDrafted: uint32,
    numVerifierAccepted: uint32,
    numTargetForwards: uint32,
    numDraftForwards: uint32,
    numRoundTrips: uint32,
    numReopened: uint32,
    bytesUp: seed,
    draftTokenBytesUp: seed,
    bytesDown: seed,
    draftMs: double,
    queueMs: double,
    verifyMs: double,
    networkMs: double,
    durationMs: double,
    fallbackTokens: fc.record({ draft_context: uint32, draft_failed: uint32 }),
  }),
});

const draftToken = fc.record(
  { tokenId: uint32, bytes, entropy: float },
  { requiredKeys: ["tokenId", "bytes"] },
);

const commit: fc.Arbitrary<GenerationCommit> = fc.record(
  {
    type: fc.constant("commit" as const),
    number: uint32,
    draftTokens: fc.array(draftToken, { maxLength: 5 }),
    numAccepted: uint32,
    endReason,
    draftMs: double,
    waitMs: double,
    queueMs: double,
    verifyMs: double,
  },
  {
    requiredKeys: [
      ...(["type", "number", "draftTokens", "numAccepted"] as const),
      ...(["draftMs", "waitMs", "queueMs", "verifyMs"] as const),
    ],
  },
);

export const generateEvents: fc.Arbitrary<GenerateEvent> = fc.oneof(
  fc.record({
    type: fc.constant("started" as const),
    numPromptTokens: uint32,
    promptTokenIds: tokenIds,
    promptText: text,
    policy: text,
    verification: rule,
    seed,
    temperature: double,
    maxTokens: uint32,
  }),
  fc.record(
    {
      type: fc.constant("token" as const),
      tokenId: uint32,
      text,
      origin: fc.constantFrom<TokenOrigin>(
        ...(["accepted", "verifier-draft", "recovered", "bonus", "autoregressive"] as const),
      ),
      drafters: fc.subarray([...drafterKinds], { minLength: 1 }),
      entropy: float,
      logprob: float,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
      topLogprobs: fc.array(fc.record({ tokenId: uint32, bytes, logprob: float }), {
        minLength: 1,
        maxLength: 20,
      }),
    },
    { requiredKeys: ["type", "tokenId", "text", "origin"] },
  ),
  commit,
  fc.record({
    type: fc.constant("frontier" as const),
    distance: uint32,
    places: fc.array(
      fc.array(fc.record({ tokenId: uint32, bytes, chance: float }), { maxLength: 4 }),
      { maxLength: 3 },
    ),
  }),
  finished,
);
