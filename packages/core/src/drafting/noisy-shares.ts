import { createNoise, type Noise } from "../sampling/noise.ts";
import type { TableCandidate } from "../stream/ports.ts";
import { sharedNoiseKey } from "../verification/shared-noise.ts";

/**
 * When a token arrives: the largest log(weight) + Gumbel noise, which is what the target looks for, is the first
 * arrival among exponential ones at these rates.
 */
export function arrivalOf(tokenId: number, weight: number, noise: Noise): number {
  return -Math.log(noise.uniform(tokenId)) / weight;
}

/** How a text's tokens are chosen, as far as a table has to know. */
export interface NoiseSettings {
  readonly seed: number;
  readonly isGreedy: boolean;
}

/**
 * Tokens by how likely the target is to take them at a position, the likeliest first. A table knows the target's
 * probabilities roughly, and the noise that it adds to them exactly. Were the logarithms of a table's shares off by
 * Gumbel noise of their own, a token would be the target's with its share times its noise, over the sum of these.
 * @param candidates with the share that the table gives each; the rest of 1 is for tokens that it does not know
 */
export function underNoise(
  candidates: readonly TableCandidate[],
  position: number,
  { seed, isGreedy }: NoiseSettings,
): TableCandidate[] {
  let shares = candidates;
  if (!isGreedy) {
    const noise = createNoise(seed, sharedNoiseKey({ position }));
    const noisy = candidates.map(({ tokenId, chance }) => ({
      tokenId,
      chance: 1 / arrivalOf(tokenId, chance, noise),
    }));
    const sum = noisy.reduce((total, { chance }) => total + chance, unknownShare(candidates));
    shares = noisy.map(({ tokenId, chance }) => ({ tokenId, chance: chance / sum }));
  }
  return shares.toSorted((a, b) => b.chance - a.chance);
}

function unknownShare(candidates: readonly TableCandidate[]): number {
  return candidates.reduce((left, { chance }) => left - chance, 1);
}
