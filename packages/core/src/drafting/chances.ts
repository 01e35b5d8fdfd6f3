import { acceptanceBound } from "../stopping/adaedl.ts";
import { type ModelPlace, modelPlace, type PlaceEvidence } from "../stream/ports.ts";

/** How likely the tokens that may stand at a place are the target's. One belongs to one text, and may learn from it. */
export interface ChanceModel {
  /**
   * Chance of each candidate of a place to be the target's token, given that everything before it is:
   * above 0, at most 1; they sum to at most 1. [candidates]
   */
  chancesOf(place: PlaceEvidence): readonly number[];
  /** The target put `tokenId` at a place. */
  observe(place: PlaceEvidence, tokenId: number): void;
}

/**
 * The entropy alone, and nothing learnt: the first candidate has AdaEDL's bound 1 - sqrt(gamma * H)
 * (arXiv 2410.18351), each further one half of what is left, but no more than the one before it.
 * @param gamma share of the entropy that counts as distance between draft and target, above 0
 */
export function createEntropyChances(gamma: number): ChanceModel {
  return { chancesOf: (place) => entropyChances(modelPlace(place), gamma), observe: () => {} };
}

/** No entropy makes a candidate certain, or impossible. */
const leastBound = 0.02;

/** See `createEntropyChances`. [candidates] */
export function entropyChances({ entropy, candidates }: ModelPlace, gamma: number): number[] {
  let left = 1;
  let before = 1 - leastBound;
  return candidates.map((_, rank) => {
    const share = rank === 0 ? Math.max(leastBound, acceptanceBound(entropy, gamma)) : left / 2;
    before = Math.min(before, share);
    left -= before;
    return before;
  });
}
