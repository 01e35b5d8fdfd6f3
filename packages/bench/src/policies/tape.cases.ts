import { defaultSamplingParams, type ModelPlace } from "@adaedl/core";
import type { Tape } from "./tape/tape.ts";

export const sampling = defaultSamplingParams;

/**
 * A tape written by hand: `right` says of each place whether the draft model's first candidate is the
 * target's token; where it is not, the second one is. Entropy is 0.1 where it is and 5 where it is not.
 */
export function tapeOf(right: readonly boolean[], maxDraftLength: number): Tape {
  const placeOf = (index: number, isRight: boolean): ModelPlace => {
    const [tokenId, other] = isRight ? [index, 1000 + index] : [1000 + index, index];
    const prob = isRight ? 0.9 : 0.1;
    const candidates = [
      { tokenId, prob, behind: 0 },
      { tokenId: other, prob: 0.05, behind: isRight ? 3 : 0.1 },
    ];
    return { entropy: isRight ? 0.1 : 5, topProb: prob, candidates };
  };
  return {
    ...{ promptTokenIds: [7], seed: 0, temperature: 0.7 },
    tokenIds: right.map((_, index) => index),
    places: right.map((isRight, index) => placeOf(index, isRight)),
    successors: right.map((_, index) => [index]),
    strays: right.map((isRight, index) =>
      isRight
        ? []
        : Array.from({ length: maxDraftLength - 1 }, (_, i) => placeOf(index + i + 1, false)),
    ),
  };
}
