import { type Open, protocolVersion, type VerifierDescription } from "@adaedl/protocol";

/** A good Open for the verifier described. */
export function openFor(
  { vocabulary, modelId, weights, numerics }: VerifierDescription,
  promptTokenIds: readonly number[],
  fields: Partial<Open> = {},
): Open {
  return {
    type: "open",
    sessionId: "test",
    protocolVersion,
    vocabulary,
    modelId,
    edgeDraftsOnly: true,
    weights,
    numerics,
    numSuccessors: 0,
    promptTokenIds,
    committedTokenIds: [],
    sampling: {},
    seed: 1,
    verification: "shared-noise",
    maxTokens: 100,
    wantsLogprobs: false,
    numTopLogprobs: 0,
    endTokenIds: [],
    credit: promptTokenIds.length,
    ...fields,
  };
}
