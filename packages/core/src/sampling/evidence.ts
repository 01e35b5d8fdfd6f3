import type { GuessEvidence } from "../stopping/policy.ts";
import { candidateProbs, maxOf, type TokenDistribution } from "./distribution.ts";

/**
 * What stopping rules are told about a guess.
 * @param distribution the adjusted distribution it was drawn from
 * @param margin see `GuessEvidence`
 */
export function guessEvidence(
  distribution: TokenDistribution,
  tokenId: number,
  margin?: number,
): GuessEvidence {
  const { entropy, topProb, tokenIds, logits, inverseTemperature, likelyIndex } = distribution;
  const index = tokenIds === undefined ? tokenId : tokenIds.indexOf(tokenId);
  if (topProb === undefined || likelyIndex === undefined) {
    const probs = candidateProbs(distribution);
    return { entropy, topProb: maxOf(probs), guessProb: probs[index] as number, margin };
  }
  const behind = (logits[likelyIndex] as number) - (logits[index] as number);
  const guessProb = topProb * Math.exp(-behind * inverseTemperature);
  return { entropy, topProb, guessProb, margin };
}
