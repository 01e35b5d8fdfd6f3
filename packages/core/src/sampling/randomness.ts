import { type TokenDistribution, tokenIdAt } from "./distribution.ts";
import { createNoise, type Noise, type NoiseKey } from "./noise.ts";

/**
 * The two kinds of random choice that drafting and verifying make. Production derives both from a
 * seed (`createRandomness`); tests enumerate every choice with its probability.
 */
export interface Randomness {
  /** A token id drawn from the distribution. */
  chooseToken(distribution: TokenDistribution, key: NoiseKey): number;
  /** The same token, and how far ahead of the runner-up it was. */
  chooseGuess(distribution: TokenDistribution, key: NoiseKey): ChosenGuess;
  /** True with the given probability (0 to 1). */
  accept(probability: number, key: NoiseKey): boolean;
}

export interface ChosenGuess {
  readonly tokenId: number;
  /** In nats of log-probability + noise; at temperature 0 of log-probability alone. */
  readonly margin?: number | undefined;
}

/** Randomness of the session that was started with `seed`. */
export function createRandomness(seed: number): Randomness {
  return {
    chooseToken(distribution, key) {
      const { logits } = distribution;
      if (logits.length === 1) return tokenIdAt(distribution, 0);
      return tokenIdAt(distribution, noisiest(distribution, createNoise(seed, key), false).index);
    },
    chooseGuess(distribution, key) {
      const { logits, lead } = distribution;
      if (logits.length === 1) return { tokenId: tokenIdAt(distribution, 0), margin: lead };
      const { index, margin } = noisiest(distribution, createNoise(seed, key), true);
      return { tokenId: tokenIdAt(distribution, index), margin };
    },
    accept(probability, key) {
      return createNoise(seed, key).uniform(0) < probability;
    },
  };
}

/**
 * argmax over candidates of log-probability + Gumbel noise: a draw from the distribution
 * (Gumbel-max). A candidate `distance` nats behind the best so far can win only if its uniform
 * exceeds exp(-exp(-distance)), so one look at its raw word dismisses almost every token and
 * the two logarithms are paid for a handful. With the margin, the runner-up is the one to beat.
 */
function noisiest(distribution: TokenDistribution, noise: Noise, wantsMargin: boolean) {
  const { logits, tokenIds, inverseTemperature } = distribution;
  const scoreOf = (index: number) =>
    (logits[index] as number) * inverseTemperature +
    gumbel(noise.uniform(tokenIds?.[index] ?? index));

  const first = distribution.likelyIndex ?? 0;
  let best = first;
  let bestScore = scoreOf(first);
  let secondScore = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logits.length; index++) {
    if (index === first) continue;
    const distance =
      (wantsMargin ? secondScore : bestScore) - (logits[index] as number) * inverseTemperature;
    // The hot loop of a large vocabulary: whole-number arithmetic, and one look at a table.
    let step = (distance * stepsPerNat + 1) | 0;
    if (step > lastStep) step = lastStep;
    const tokenId = tokenIds === undefined ? index : (tokenIds[index] as number);
    if (step > 0 && noise.word(tokenId) < (leastWords[step] as number)) continue;
    const score = scoreOf(index);
    if (score > bestScore) {
      best = index;
      secondScore = bestScore;
      bestScore = score;
    } else if (score > secondScore) secondScore = score;
  }
  return { index: best, margin: bestScore - secondScore };
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
