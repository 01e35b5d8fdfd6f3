import { type TokenDistribution, tokenIdAt } from "./distribution.ts";
import { bestByScore, possible, type Ranking } from "./gumbel-max.ts";
import { createNoise, type NoiseKey } from "./noise.ts";
import { topTokenIds } from "./top-tokens.ts";

/**
 * The two kinds of random choice that drafting and verifying make. Production derives both from a
 * seed (`createRandomness`); tests enumerate every choice with its probability.
 */
export interface Randomness {
  /** A token id drawn from the distribution. */
  chooseToken(distribution: TokenDistribution, key: NoiseKey): number;
  /** The same token, and how far ahead of the runner-up it was. */
  chooseGuess(distribution: TokenDistribution, key: NoiseKey): ChosenGuess;
  /**
   * The `count` candidates with the best scores, the best first, which is `chooseToken`'s (Gumbel top-k:
   * Kool et al., arXiv 1903.06059); fewer where the distribution has fewer.
   */
  chooseCandidates(
    distribution: TokenDistribution,
    key: NoiseKey,
    count: number,
  ): readonly RankedCandidate[];
  /** True with the given probability (0 to 1). */
  accept(probability: number, key: NoiseKey): boolean;
}

export interface ChosenGuess {
  readonly tokenId: number;
  /** In nats of log-probability + noise; at temperature 0 of log-probability alone. */
  readonly margin?: number | undefined;
}

export interface RankedCandidate {
  readonly tokenId: number;
  /** How far its score is behind the best one's, in the nats of `ChosenGuess.margin`; 0 or more. */
  readonly behind: number;
}

/** Randomness of the session that was started with `seed`. */
export function createRandomness(seed: number): Randomness {
  const bestOf = (distribution: TokenDistribution, key: NoiseKey, count: number) =>
    distribution.isGreedy
      ? mostProbable(distribution, count)
      : bestByScore(distribution, createNoise(seed, key), count);
  return {
    chooseToken(distribution, key) {
      if (distribution.logits.length === 1) return tokenIdAt(distribution, 0);
      return tokenIdAt(distribution, bestOf(distribution, key, 1)[0].index);
    },
    chooseGuess(distribution, key) {
      const { logits, lead } = distribution;
      if (logits.length === 1) return { tokenId: tokenIdAt(distribution, 0), margin: lead };
      const [best, next] = bestOf(distribution, key, 2);
      const margin = best.score - (next?.score ?? Number.NEGATIVE_INFINITY);
      return { tokenId: tokenIdAt(distribution, best.index), margin };
    },
    chooseCandidates(distribution, key, count) {
      const ranked = bestOf(distribution, key, count);
      return ranked.map(({ index, score }, rank) => ({
        tokenId: tokenIdAt(distribution, index),
        behind: rank === 0 ? 0 : ranked[0].score - score,
      }));
    },
    accept(probability, key) {
      return createNoise(seed, key).uniform(0) < probability;
    },
  };
}

/** The `count` best candidates of a greedy distribution. */
function mostProbable({ logits, tokenIds }: TokenDistribution, count: number): Ranking {
  const indices = tokenIds === undefined ? topTokenIds(logits, count) : tokenIds.keys();
  const best = Array.from(indices, (index) => ({ index, score: logits[index] as number }));
  return possible(best.slice(0, count) as Ranking);
}
