import type { ModelPlace, ScoredCandidate } from "../stream/ports.ts";
import { entropyChances } from "./chances.ts";
import type { WeightPrior } from "./logistic-model.ts";

/** Beyond these, evidence says nothing more, or is a mistake. */
const longestLead = 12;
const highestEntropy = 20;
const leastLogProb = Math.log(1e-4);

/** Weights of `placeFeatures`: in the beginning the word of the entropy, soon overruled. */
export const firstPriors: readonly WeightPrior[] = [
  { mean: 1, variance: 0.1 },
  { mean: 0, variance: 0.5 },
  ...Array.from({ length: 7 }, () => ({ mean: 0, variance: 0.3 })),
];
export const otherPriors: readonly WeightPrior[] = [
  ...firstPriors,
  ...Array.from({ length: 3 }, () => ({ mean: 0, variance: 0.15 })),
];

/**
 * The evidence of each candidate as numbers near 1, about the question: is it the target's token, where
 * none before it is?
 * @param gamma see `createEntropyChances`
 * @returns for the first candidate [firstPriors], for the others [otherPriors]
 */
export function placeFeatures(place: ModelPlace, gamma: number): Float64Array[] {
  const { entropy, topProb, candidates, numMasks = 0 } = place;
  const logEntropy = Math.log(0.05 + Math.min(entropy, highestEntropy));
  let left = 1;
  return entropyChances(place, gamma).map((chance, rank) => {
    const candidate = candidates[rank] as ScoredCandidate;
    const share = chance / left;
    left -= chance;
    const next = candidates[rank + 1];
    const behind = behindOf(candidate);
    const lead = next === undefined ? 0 : Math.max(0, behindOf(next) - behind);
    const features = [
      Math.log(share / (1 - share)),
      1,
      lead / (1 + lead),
      Math.min(lead, 6) / 3,
      logEntropy,
      Math.max(Math.log(candidate.prob), leastLogProb) / 3,
      topProb,
      candidate.prob,
      Math.log1p(numMasks),
    ];
    if (rank > 0) features.push(rank === 1 ? 1 : 0, behind / (1 + behind), Math.min(behind, 6) / 3);
    return Float64Array.from(features);
  });
}

/** In nats, how far a candidate is behind the best one; 0 where no scores are compared. */
function behindOf({ behind = 0 }: ScoredCandidate): number {
  return Math.min(behind, longestLead);
}
