import { createTestRandom } from "@adaedl/testing";
import { candidateProbs, type TokenDistribution } from "../sampling/distribution.ts";

/** The distribution of the given probabilities, over token ids from 0 or over `tokenIds`. */
export function distributionOf(
  probs: readonly number[],
  tokenIds?: readonly number[],
): TokenDistribution {
  return {
    logits: Float64Array.from(probs, Math.log),
    inverseTemperature: 1,
    entropy: 0,
    ...(tokenIds === undefined ? {} : { tokenIds: Int32Array.from(tokenIds) }),
  };
}

/** Random probabilities; the larger the spread, the more the first ones of few have it all. */
export function randomDistribution(seed: number, size: number, spread: number): TokenDistribution {
  const random = createTestRandom(seed);
  const logits = Float32Array.from({ length: size }, () => random.normal() * spread);
  return { logits, inverseTemperature: 1, entropy: 0 };
}

/** How often each of `size` tokens has come out. */
export function countTokens(size: number, numDraws: number, draw: (index: number) => number) {
  const counts = new Array<number>(size).fill(0);
  for (let index = 0; index < numDraws; index++) {
    const tokenId = draw(index);
    counts[tokenId] = (counts[tokenId] as number) + 1;
  }
  return counts;
}

/** Probability that two argmaxes with the same Gumbel noise agree. */
export function agreementOf(target: TokenDistribution, draft: TokenDistribution): number {
  const targetProbs = candidateProbs(target);
  const draftProbs = candidateProbs(draft);
  // Both choose i when its exponential clock beats every other j by both of their ratios.
  return targetProbs.reduce((sum, targetProb, i) => {
    const draftProb = draftProbs[i] as number;
    const rate = targetProbs.reduce((total, other, j) => {
      return total + Math.max(other / targetProb, (draftProbs[j] as number) / draftProb);
    }, 0);
    return sum + 1 / rate;
  }, 0);
}
