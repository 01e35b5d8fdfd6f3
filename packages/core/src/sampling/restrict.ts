import type { TokenDistribution } from "./distribution.ts";

/**
 * The distribution without the candidates whose ids are `numTokenIds` or more, so that a token drawn
 * from it is one that both models have. The rest keep their weights relative to each other.
 * @returns undefined when no candidate is left
 */
export function restrictTokens(
  distribution: TokenDistribution,
  numTokenIds: number,
): TokenDistribution | undefined {
  const { tokenIds, logits, likelyIndex } = distribution;
  if (tokenIds === undefined) {
    if (logits.length <= numTokenIds) return distribution;
    const isLikelyKept = likelyIndex !== undefined && likelyIndex < numTokenIds;
    return {
      ...distribution,
      logits: logits.subarray(0, numTokenIds),
      likelyIndex: isLikelyKept ? likelyIndex : undefined,
    };
  }
  const kept = [...tokenIds.keys()].filter((index) => (tokenIds[index] as number) < numTokenIds);
  if (kept.length === tokenIds.length) return distribution;
  if (kept.length === 0) return undefined;
  const likelyKept = likelyIndex === undefined ? -1 : kept.indexOf(likelyIndex);
  return {
    ...distribution,
    tokenIds: Int32Array.from(kept, (index) => tokenIds[index] as number),
    logits: Float64Array.from(kept, (index) => logits[index] as number),
    likelyIndex: likelyKept < 0 ? undefined : likelyKept,
  };
}
