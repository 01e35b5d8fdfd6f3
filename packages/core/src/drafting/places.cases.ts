import { createTestRandom } from "@adaedl/testing";
import { candidateProbs, entropyOf, type TokenDistribution } from "../sampling/distribution.ts";
import { createNoise } from "../sampling/noise.ts";
import type { ModelPlace } from "../stream/ports.ts";

/** A place of a text, and the token that the target puts there. */
export interface SimulatedPlace {
  readonly place: ModelPlace;
  readonly tokenId: number;
  /** Rank of the target's token among the candidates; -1 where it is none of them. */
  readonly rank: number;
}

/**
 * Places of a text that a pair under shared noise would write: easy and hard ones, and a draft model
 * that is more or less near to the target.
 */
export function simulatePlaces(
  seed: number,
  numPlaces: number,
  { numTokens = 20, distance = 0.7, numCandidates = 3 } = {},
): SimulatedPlace[] {
  const random = createTestRandom(seed);
  return Array.from({ length: numPlaces }, (_, position) => {
    const spread = 0.5 + 4 * random.next();
    const logits = Float64Array.from({ length: numTokens }, () => spread * random.normal());
    const targetLogits = logits.map((logit) => logit + distance * random.normal());
    const noise = createNoise(seed, { purpose: "token", position, roundStart: 0 });
    const scoresOf = (of: Float64Array) =>
      of.map((logit, tokenId) => logit - Math.log(-Math.log(noise.uniform(tokenId))));
    const place = evidenceOf(logits, scoresOf(logits), numCandidates);
    const tokenId = ranking(scoresOf(targetLogits))[0] as number;
    const rank = place.candidates.findIndex((candidate) => candidate.tokenId === tokenId);
    return { place, tokenId, rank };
  });
}

function evidenceOf(logits: Float64Array, scores: Float64Array, count: number): ModelPlace {
  const entropy = entropyOf(logits, 1);
  const distribution: TokenDistribution = { logits, inverseTemperature: 1, entropy };
  const probs = candidateProbs(distribution);
  const best = ranking(scores).slice(0, count);
  const candidates = best.map((tokenId) => {
    const behind = (scores[best[0] as number] as number) - (scores[tokenId] as number);
    return { tokenId, prob: probs[tokenId] as number, behind };
  });
  return { entropy, topProb: Math.max(...probs), candidates };
}

/** Token ids, that of the highest score first. */
function ranking(scores: Float64Array): number[] {
  return [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number));
}
