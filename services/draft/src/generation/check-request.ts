import { randomInt } from "node:crypto";
import { parsePolicy, strategyOf } from "@adaedl/core";
import { type GenerationRequest, parseGenerationRequest } from "@adaedl/engine";
import type { DraftServiceDescription, GenerateRequest, Started } from "@adaedl/protocol";
import type { GenerationHandlerParts } from "./run-generation.ts";

/** A request that may be run. */
export interface CheckedRequest {
  /** With its prompt as token ids, a seed, and no longer drafts than verifiers take. */
  readonly asked: GenerationRequest;
  readonly started: Started;
  /** Whether tokens are sent with what they are alone. */
  readonly wantsBytes: boolean;
}

/** @throws AdaedlError for a bad request, before any model work */
export async function checkRequest(
  { facts, pool, drafters, description, encodePrompt }: GenerationHandlerParts,
  wire: GenerateRequest,
  signal: AbortSignal,
): Promise<CheckedRequest> {
  const promptTokenIds = await encodePrompt(wire.prompt, signal);
  // Without a seed one is drawn, small enough to be typed again.
  const { seed = randomInt(2 ** 32), policy = defaultPolicyOf(wire, description) } = wire;
  const { prompt: _, wantsDetails = false, wantsPrompt = false, ...fields } = wire;
  const asked: GenerationRequest = { ...fields, promptTokenIds, seed, policy };
  const valid = parseGenerationRequest(asked, facts);
  const maxDraft = Math.min(valid.maxDraft, pool.description.limits.maxDraftLength);
  const kinds = drafters.map(({ kind }) => kind);
  const isSpeculative = strategyOf(valid.policy, maxDraft, kinds) !== undefined;
  return {
    asked: { ...asked, maxDraft },
    started: {
      type: "started",
      numPromptTokens: promptTokenIds.length,
      promptTokenIds: wantsPrompt ? promptTokenIds : [],
      promptText: wantsPrompt ? facts.tokenizer.decode(promptTokenIds) : "",
      policy: isSpeculative ? valid.policy.spec : "none",
      verification: valid.verification,
      seed,
      temperature: valid.sampling.temperature,
      maxTokens: valid.maxTokens,
    },
    wantsBytes: valid.wantsLogprobs || wantsDetails,
  };
}

/** Of a request that names none: a stream is exact under shared noise only. Undefined: the engine's. */
function defaultPolicyOf(
  { verification }: GenerateRequest,
  { defaultPolicy }: DraftServiceDescription,
): string | undefined {
  const policy = parsePolicy(defaultPolicy);
  const isStream = policy.family === "stream" && policy.drafting !== undefined;
  return isStream && verification === "rejection" ? undefined : defaultPolicy;
}
