import { type TokenDistribution, tokenIdAt } from "./distribution.ts";
import { createNoise, type Noise, type NoiseKey } from "./noise.ts";

/**
 * The two kinds of random choice that drafting and verifying make. Production derives both from a
 * seed (`createRandomness`); tests enumerate every choice with its probability.
 */
export interface Randomness {
  /** A token id drawn from the distribution. */
  chooseToken(distribution: TokenDistribution, key: NoiseKey): number;
  /** True with the given probability (0 to 1). */
  accept(probability: number, key: NoiseKey): boolean;
}

/** Randomness of the session that was started with `seed`. */
export function createRandomness(seed: number): Randomness {
  return {
    chooseToken(distribution, key) {
      const { logits } = distribution;
      if (logits.length === 1) return tokenIdAt(distribution, 0);
      return tokenIdAt(distribution, noisiestIndex(distribution, createNoise(seed, key)));
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
 * the two logarithms are paid for a handful.
 */
function noisiestIndex(distribution: TokenDistribution, noise: Noise): number {
  const { logits, tokenIds, inverseTemperature } = distribution;
  const scoreOf = (index: number) =>
    (logits[index] as number) * inverseTemperature +
    gumbel(noise.uniform(tokenIds?.[index] ?? index));

  let best = distribution.likelyIndex ?? 0;
  let bestScore = scoreOf(best);
  for (let index = 0; index < logits.length; index++) {
    const distance = bestScore - (logits[index] as number) * inverseTemperature;
    if (noise.word(tokenIds?.[index] ?? index) < leastWord(distance)) continue;
    const score = scoreOf(index);
    if (score > bestScore) {
      best = index;
      bestScore = score;
    }
  }
  return best;
}

/** A standard Gumbel value from a uniform in (0, 1). */
function gumbel(uniform: number): number {
  return -Math.log(-Math.log(uniform));
}

const stepsPerNat = 4;
const maxDistance = 40; // beyond 36.8 nats no 52-bit uniform can win
const leastWords = Float64Array.from({ length: maxDistance * stepsPerNat + 1 }, (_, step) => {
  // The step below, and the word after: rounding may let a loser through, never dismiss a winner.
  return step === 0 ? 0 : Math.exp(-Math.exp(-(step - 1) / stepsPerNat)) * 2 ** 32 - 1;
});

/** The least word that could win from `distance` nats behind; 0 (all may) when not behind. */
function leastWord(distance: number): number {
  if (!(distance > 0)) return 0;
  const step = Math.min(Math.floor(distance * stepsPerNat) + 1, leastWords.length - 1);
  return leastWords[step] as number;
}
