import type { StepFacts } from "@adaedl/core";

/**
 * What a verifier says of the most probable tokens, where it was asked and its lists are what they have
 * to be; otherwise nothing: the text does not depend on them.
 */
export function checkedTopLogprobs(
  topLogprobs: StepFacts["topLogprobs"],
  numAsked: number,
  numTokenIds: number,
): StepFacts["topLogprobs"] {
  const isSound = topLogprobs.every(
    (top) => top.length <= numAsked && top.every(({ tokenId }) => tokenId < numTokenIds),
  );
  return isSound && numAsked > 0 ? topLogprobs : [];
}
