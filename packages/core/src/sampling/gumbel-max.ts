import type { TokenDistribution } from "./distribution.ts";
import type { Noise } from "./noise.ts";
import { topTokenIds } from "./top-tokens.ts";

export interface ScoredIndex {
  /** Of the candidate in its distribution. */
  readonly index: number;
  readonly score: number;
}

/** The best first, of equal scores the lower index; at least one, whatever its score. */
export type Ranking = [ScoredIndex, ...ScoredIndex[]];

/**
 * The `count` best candidates by log-probability + Gumbel noise: the first is a draw from the distribution
 * (Gumbel-max), all of them one without replacement.
 *
 * A candidate `distance` nats behind the last of the best can join them only if its uniform exceeds
 * exp(-exp(-distance)). Once the head is scored, its last logit bounds the distance of every other token from below:
 * only the logits of tokens whose word is large enough for that distance are read (decision 30). Exact: the least word
 * never falls with the distance, and the distance, rounded or not, never rises with the logit.
 */
export function bestByScore(distribution: TokenDistribution, noise: Noise, count: number): Ranking {
  const { logits, tokenIds, inverseTemperature } = distribution;
  const best: ScoredIndex[] = [];
  /** What a candidate has to reach. */
  let least = Number.NEGATIVE_INFINITY;
  const consider = (index: number) => {
    const tokenId = tokenIds === undefined ? index : (tokenIds[index] as number);
    const logit = (logits[index] as number) * inverseTemperature;
    if (noise.word(tokenId) < leastWordAt(least - logit)) return;
    const score = logit + gumbel(noise.uniform(tokenId));
    let rank = best.length;
    while (rank > 0 && isAhead(score, index, best[rank - 1] as ScoredIndex)) rank--;
    if (rank === count) return;
    best.splice(rank, 0, { index, score });
    if (best.length > count) best.pop();
    if (best.length === count) least = (best[count - 1] as ScoredIndex).score;
  };

  if (tokenIds !== undefined || logits.length <= maxScored) {
    for (let index = 0; index < logits.length; index++) consider(index);
    return possible(best as Ranking);
  }
  const known = distribution.head;
  const head =
    known !== undefined && known.length >= count
      ? known
      : Int32Array.from(topTokenIds(logits, Math.max(numInHead, count)));
  for (const index of head) consider(index);
  const largestLeft = (logits[head[head.length - 1] as number] as number) * inverseTemperature;
  for (const tokenId of noise.idsFrom(leastWordAt(least - largestLeft), logits.length))
    if (!head.includes(tokenId)) consider(tokenId);
  return possible(best as Ranking);
}

/** Candidates of logit -Infinity only where there is no other. */
export function possible([first, ...others]: Ranking): Ranking {
  return [first, ...others.filter(({ score }) => score > Number.NEGATIVE_INFINITY)];
}

/** Up to so many tokens a head would save nothing. */
const maxScored = 64;
/** Tokens to score before the rest, where the distribution has no head. */
const numInHead = 8;

function isAhead(score: number, index: number, other: ScoredIndex): boolean {
  return score > other.score || (score === other.score && index < other.index);
}

/** A standard Gumbel value from a uniform in (0, 1). */
function gumbel(uniform: number): number {
  return -Math.log(-Math.log(uniform));
}

const stepsPerNat = 4;
const lastStep = 40 * stepsPerNat; // beyond 36.8 nats no 52-bit uniform can win

/** The least word that can win from so far behind: never falls with the distance. */
function leastWordAt(distance: number): number {
  if (!(distance > 0)) return 0;
  return leastWords[Math.floor(Math.min(distance * stepsPerNat + 1, lastStep))] as number;
}

/**
 * By distance, rounded up: taken a step and a word too low, so that rounding may let a loser through but never
 * dismisses a winner.
 */
const leastWords = Uint32Array.from({ length: lastStep + 1 }, (_, step) => {
  return Math.floor(Math.exp(-Math.exp(-(step - 1) / stepsPerNat)) * 2 ** 32 - 1);
});
