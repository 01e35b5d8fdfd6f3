import type { TokenDistribution } from "./distribution.ts";
import type { Noise } from "./noise.ts";

/**
 * The token with the best log-probability + Gumbel noise, by a look at every token's logit and word: as tokens were
 * drawn before the head decided, and by code that shares nothing with it.
 */
export function scanEveryToken(
  { logits, inverseTemperature, head }: TokenDistribution,
  noise: Noise,
): number {
  const scoreOf = (tokenId: number) =>
    (logits[tokenId] as number) * inverseTemperature - Math.log(-Math.log(noise.uniform(tokenId)));
  let best = head?.[0] ?? 0;
  let bestScore = scoreOf(best);
  for (let tokenId = 0; tokenId < logits.length; tokenId++) {
    const distance = bestScore - (logits[tokenId] as number) * inverseTemperature;
    let step = (distance * 4 + 1) | 0;
    if (step > 160) step = 160;
    if (step > 0 && noise.word(tokenId) < (leastWords[step] as number)) continue;
    const score = scoreOf(tokenId);
    if (!(score > bestScore)) continue;
    best = tokenId;
    bestScore = score;
  }
  return best;
}

const leastWords = Float64Array.from({ length: 161 }, (_, step) => {
  return Math.exp(-Math.exp(-(step - 1) / 4)) * 2 ** 32 - 1;
});
