import { AdaedlError, invalidField } from "@adaedl/core";
import { parseGenerationRequest, type RequestLimits, type SlotSettings } from "@adaedl/engine";
import { type Open, protocolVersion, type VerifierDescription } from "@adaedl/protocol";

/** A session that may be opened, every field in range. */
export interface ValidOpen {
  readonly settings: SlotSettings;
  /** Prompt and committed tokens. */
  readonly sequence: readonly number[];
  /** Longest prompt + output. */
  readonly maxLength: number;
}

/**
 * Checks an Open before any model work: first that both sides speak of the same tokens, then the
 * request itself.
 * @throws AdaedlError `failed_precondition` naming the first difference, `invalid_argument` or
 *   `out_of_range` naming the field
 */
export function checkOpen(
  open: Open,
  description: VerifierDescription,
  facts: RequestLimits,
): ValidOpen {
  checkMatch(open, description);
  const { promptTokenIds, committedTokenIds, maxTokens, sampling, seed, verification } = open;
  const { wantsLogprobs, numTopLogprobs } = open;
  const valid = parseGenerationRequest(
    {
      promptTokenIds,
      maxTokens,
      sampling,
      seed,
      verification,
      wantsLogprobs,
      numTopLogprobs,
    },
    facts,
  );
  const bad = committedTokenIds.findIndex((tokenId) => tokenId >= facts.vocabSize);
  if (bad >= 0)
    throw invalidField(
      `committedTokenIds[${bad}]`,
      committedTokenIds[bad],
      `must be a whole number from 0 to ${facts.vocabSize - 1}`,
    );
  if (committedTokenIds.length >= maxTokens)
    throw new AdaedlError(
      "out_of_range",
      `committedTokenIds must be fewer than maxTokens (${maxTokens}), got ${committedTokenIds.length}`,
      { field: "committedTokenIds", value: committedTokenIds.length },
    );
  return {
    settings: {
      sampling: valid.sampling,
      seed: valid.seed,
      verification: valid.verification,
      numPromptTokens: promptTokenIds.length,
      wantsLogprobs: valid.wantsLogprobs,
      numTopLogprobs: valid.numTopLogprobs,
    },
    sequence: [...promptTokenIds, ...committedTokenIds],
    maxLength: promptTokenIds.length + maxTokens,
  };
}

/** @throws AdaedlError `failed_precondition` when a client asks for another tokenizer than the target's */
export function checkTokenizerDigest(digest: string, { vocabulary }: VerifierDescription): void {
  checkEqual("tokenizerDigest", digest, vocabulary.tokenizerDigest);
}

function checkMatch(open: Open, { vocabulary, modelId }: VerifierDescription): void {
  const facts = [
    ["modelId", open.modelId || modelId, modelId],
    ["protocolVersion.major", open.protocolVersion.major, protocolVersion.major],
    ["vocabulary.size", open.vocabulary.size, vocabulary.size],
    ["vocabulary.digest", open.vocabulary.digest, vocabulary.digest],
    ["vocabulary.tokenizerDigest", open.vocabulary.tokenizerDigest, vocabulary.tokenizerDigest],
  ] as const;
  for (const [field, value, expected] of facts) checkEqual(field, value, expected);
}

function checkEqual(field: string, value: string | number, expected: string | number): void {
  if (value === expected) return;
  throw new AdaedlError(
    "failed_precondition",
    `${field} must be the verifier's, ${expected}, got ${value || "none"}`,
    { field, value },
  );
}
