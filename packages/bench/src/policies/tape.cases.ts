import { type DraftedToken, defaultSamplingParams } from "@adaedl/core";
import type { Tape } from "./tape/tape.ts";

export const sampling = defaultSamplingParams;

/**
 * A tape written by hand: `right` says of each place whether the draft model guesses it. Entropy is 0.1
 * where it does and 5 where it does not.
 */
export function tapeOf(right: readonly boolean[], maxDraftLength: number): Tape {
  const guessOf = (index: number, isRight: boolean): DraftedToken => ({
    tokenId: isRight ? index : 1000 + index,
    position: 1 + index,
    entropy: isRight ? 0.1 : 5,
    topProb: isRight ? 0.9 : 0.1,
    guessProb: isRight ? 0.9 : 0.1,
    margin: isRight ? 3 : 0.1,
  });
  return {
    promptTokenIds: [7],
    tokenIds: right.map((_, index) => index),
    guesses: right.map((isRight, index) => guessOf(index, isRight)),
    strays: right.map((isRight, index) =>
      isRight
        ? []
        : Array.from({ length: maxDraftLength - 1 }, (_, i) => guessOf(index + i + 1, false)),
    ),
  };
}
