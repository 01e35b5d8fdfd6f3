import { type TokenDistribution, tokenIdAt } from "./distribution.ts";
import { createNoise, type Noise, type NoiseKey } from "./noise.ts";
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
      : noisiest(distribution, createNoise(seed, key), count);
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

interface Scored {
  readonly index: number;
  readonly score: number;
}

/** The best first; at least one, candidates of logit -Infinity only where there is no other. */
type Ranked = [Scored, ...Scored[]];

/**
 * The `count` best candidates by log-probability + Gumbel noise: the first is a draw from the
 * distribution (Gumbel-max), all of them one without replacement. A candidate `distance` nats behind
 * the last of the best so far can join them only if its uniform exceeds exp(-exp(-distance)), so one
 * look at its raw word dismisses almost every token and the two logarithms are paid for a handful.
 */
function noisiest(distribution: TokenDistribution, noise: Noise, count: number): Ranked {
  const { logits, tokenIds, inverseTemperature } = distribution;
  const scoreOf = (index: number) =>
    (logits[index] as number) * inverseTemperature +
    gumbel(noise.uniform(tokenIds?.[index] ?? index));

  const first = distribution.likelyIndex ?? 0;
  const best: Ranked = [{ index: first, score: scoreOf(first) }];
  /** What a candidate has to exceed. */
  let least = count > 1 ? Number.NEGATIVE_INFINITY : best[0].score;
  for (let index = 0; index < logits.length; index++) {
    if (index === first) continue;
    const distance = least - (logits[index] as number) * inverseTemperature;
    // The hot loop of a large vocabulary: whole-number arithmetic, and one look at a table.
    let step = (distance * stepsPerNat + 1) | 0;
    if (step > lastStep) step = lastStep;
    const tokenId = tokenIds === undefined ? index : (tokenIds[index] as number);
    if (step > 0 && noise.word(tokenId) < (leastWords[step] as number)) continue;
    const score = scoreOf(index);
    if (!(score > least)) continue;
    let rank = best.length;
    while (rank > 0 && score > (best[rank - 1] as Scored).score) rank--;
    best.splice(rank, 0, { index, score });
    if (best.length > count) best.pop();
    if (best.length === count) least = (best[count - 1] as Scored).score;
  }
  return possible(best);
}

/** The `count` best candidates of a greedy distribution. */
function mostProbable({ logits, tokenIds }: TokenDistribution, count: number): Ranked {
  const indices = tokenIds === undefined ? topTokenIds(logits, count) : tokenIds.keys();
  const best = Array.from(indices, (index) => ({ index, score: logits[index] as number }));
  return possible(best.slice(0, count) as Ranked);
}

function possible([first, ...others]: Ranked): Ranked {
  return [first, ...others.filter(({ score }) => score > Number.NEGATIVE_INFINITY)];
}

/** A standard Gumbel value from a uniform in (0, 1). */
function gumbel(uniform: number): number {
  return -Math.log(-Math.log(uniform));
}

const stepsPerNat = 4;
const lastStep = 40 * stepsPerNat; // beyond 36.8 nats no 52-bit uniform can win

/**
 * The least word that can win from a distance of `step` (rounded up): taken a step and a word too
 * low, so that rounding may let a loser through but never dismisses a winner.
 */
const leastWords = Float64Array.from({ length: lastStep + 1 }, (_, step) => {
  return Math.exp(-Math.exp(-(step - 1) / stepsPerNat)) * 2 ** 32 - 1;
});
