import { AdaedlError, invalidField } from "@adaedl/core";
import { parseGenerationRequest, type RequestLimits, type TextStart } from "@adaedl/engine";
import { type Open, protocolVersion, type VerifierDescription } from "@adaedl/protocol";

/** What a client's Open has to fit. */
export type TargetIdentity = Pick<
  VerifierDescription,
  "vocabulary" | "modelId" | "weights" | "numerics" | "requiresSameNumerics"
>;

/** A text that may be opened, every field in range. */
export type ValidOpen = Pick<
  TextStart,
  "settings" | "tokenIds" | "credit" | "maxLength" | "endTokenIds" | "edgeDraftsOnly"
>;

/**
 * Checks an Open before any model work: first that both sides mean the same tokens, then the request
 * itself.
 * @throws AdaedlError `failed_precondition` naming the first difference, `invalid_argument` or
 *   `out_of_range` naming the field
 */
export function checkOpen(open: Open, target: TargetIdentity, facts: RequestLimits): ValidOpen {
  checkMatch(open, target);
  const { promptTokenIds, committedTokenIds, maxTokens, endTokenIds } = open;
  const { credit, edgeDraftsOnly, numSuccessors } = open;
  const { sampling, seed, verification, wantsLogprobs, numTopLogprobs } = parseGenerationRequest(
    open,
    facts,
  );
  checkTokenIds("committedTokenIds", committedTokenIds, facts);
  checkTokenIds("endTokenIds", endTokenIds, facts);
  if (committedTokenIds.length >= maxTokens)
    throw new AdaedlError(
      "out_of_range",
      `committedTokenIds must be fewer than maxTokens (${maxTokens}), got ${committedTokenIds.length}`,
      { field: "committedTokenIds", value: committedTokenIds.length },
    );
  const numPromptTokens = promptTokenIds.length;
  return {
    settings: {
      ...{ sampling, seed, verification, numPromptTokens },
      ...{ wantsLogprobs, numTopLogprobs, numSuccessors },
    },
    tokenIds: [...promptTokenIds, ...committedTokenIds],
    credit,
    maxLength: numPromptTokens + maxTokens,
    endTokenIds: new Set(endTokenIds),
    edgeDraftsOnly,
  };
}

function checkTokenIds(field: string, tokenIds: readonly number[], { vocabSize }: RequestLimits) {
  const bad = tokenIds.findIndex((tokenId) => tokenId >= vocabSize);
  if (bad >= 0)
    throw invalidField(
      `${field}[${bad}]`,
      tokenIds[bad],
      `must be a whole number from 0 to ${vocabSize - 1}`,
    );
}

/** @throws AdaedlError `failed_precondition` when a client asks for another tokenizer than the target's */
export function checkTokenizerDigest(digest: string, { vocabulary }: TargetIdentity): void {
  checkEqual("tokenizerDigest", digest, vocabulary.tokenizerDigest);
}

function checkMatch(open: Open, target: TargetIdentity): void {
  const { vocabulary, modelId, weights, numerics, requiresSameNumerics } = target;
  const named = requiresSameNumerics ? open.numerics : "";
  const facts = [
    ["modelId", open.modelId || modelId, modelId],
    ["weights", open.weights || weights, weights],
    ["numerics", named || numerics, numerics],
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
