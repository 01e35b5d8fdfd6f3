import type { GuessEvidence } from "../stopping/policy.ts";
import type { ModelPlace, ScoredCandidate } from "../stream/ports.ts";
import { probsOf, type TokenDistribution } from "./distribution.ts";

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
  const { topProb, probOf } = probsOf(distribution);
  return { entropy: distribution.entropy, topProb, guessProb: probOf(tokenId), margin };
}

/**
 * What the draft model says about a place.
 * @param distribution the one that the candidates are of
 */
export function placeEvidence(
  distribution: TokenDistribution,
  candidates: readonly ScoredCandidate[],
): ModelPlace {
  const { topProb } = probsOf(distribution);
  return { entropy: distribution.entropy, topProb, candidates };
}
