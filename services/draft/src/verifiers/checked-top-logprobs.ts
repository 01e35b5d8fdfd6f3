import type { RoundVerdict } from "@adaedl/core";
import type { VerdictMessage } from "@adaedl/protocol";

/**
 * What a verifier says of the most probable tokens, where it was asked and its lists are what they have
 * to be; otherwise nothing: the text does not depend on them. One of before the question sends none.
 */
export function checkedTopLogprobs(
  { numAccepted, topLogprobs }: VerdictMessage,
  numAsked: number,
  numTokenIds: number,
): RoundVerdict["topLogprobs"] {
  if (numAsked === 0 || topLogprobs.length !== numAccepted + 1) return undefined;
  const isSound = topLogprobs.every(
    (top) => top.length <= numAsked && top.every(({ tokenId }) => tokenId < numTokenIds),
  );
  return isSound ? topLogprobs : undefined;
}
