import { type TokenDistribution, tokenIdAt } from "./distribution.ts";
import { topTokenIds } from "./top-tokens.ts";

/** The tokens that a draft model has in common with a target. */
export type SharedTokens =
  /** Those below this id, which is the same to both. */
  | { readonly numSame: number }
  /** Others, under the target's ids. */
  | {
      /** The target's id of each of the draft's tokens; -1 where it has none. [draft ids] */
      readonly targetIds: Int32Array;
      /** The draft's ids that have one, ascending. [numShared] */
      readonly sharedIds: Int32Array;
    };

/** Candidates that a greedy distribution over a whole vocabulary keeps: nobody asks for more. */
const mostRanked = 64;

/**
 * The draft's distribution over the tokens that the target has, too, by the target's ids: so a token drawn
 * from it is one of the target's, and meets the target's noise. The odds between the tokens stay as they are.
 * @returns undefined when no candidate is left
 */
export function inTargetIds(
  distribution: TokenDistribution,
  shared: SharedTokens,
): TokenDistribution | undefined {
  const { tokenIds, logits, head, isGreedy } = distribution;
  if ("numSame" in shared) {
    const { numSame } = shared;
    if (tokenIds?.every((id) => id < numSame)) return distribution;
    if (tokenIds !== undefined)
      return pick(
        distribution,
        indicesOf(tokenIds, (id) => id < numSame),
      );
    if (logits.length <= numSame) return distribution;
    return {
      ...distribution,
      logits: logits.subarray(0, numSame),
      head: headOf(head, (id) => id < numSame),
    };
  }
  const { targetIds, sharedIds } = shared;
  let picked: ReturnType<typeof pick>;
  if (tokenIds !== undefined)
    picked = pick(
      distribution,
      indicesOf(tokenIds, (id) => (targetIds[id] ?? -1) >= 0),
    );
  else if (!isGreedy) picked = pick(distribution, sharedIds);
  else {
    // A list of a greedy distribution's candidates has to be in the order of their rank.
    const ranked = topTokenIds(
      Float64Array.from(sharedIds, (id) => logits[id] as number),
      mostRanked,
    );
    picked = pick(
      distribution,
      Int32Array.from(ranked, (index) => sharedIds[index] as number),
    );
  }
  return picked && { ...picked, tokenIds: picked.tokenIds.map((id) => targetIds[id] as number) };
}

/**
 * The distribution without a token that never stands in a text, such as a mask. The odds between the others stay as
 * they are.
 * @returns undefined when no candidate is left
 */
export function withoutToken(
  distribution: TokenDistribution,
  tokenId: number,
): TokenDistribution | undefined {
  const { tokenIds, logits, head } = distribution;
  if (tokenIds !== undefined) {
    const others = indicesOf(tokenIds, (id) => id !== tokenId);
    return others.length === tokenIds.length ? distribution : pick(distribution, others);
  }
  const others = logits.slice();
  others[tokenId] = Number.NEGATIVE_INFINITY;
  return { ...distribution, logits: others, head: headOf(head, (id) => id !== tokenId) };
}

/** What is left of a head, where its first is left: `topProb` is of that one. */
function headOf(head: Int32Array | undefined, isKept: (index: number) => boolean) {
  return head && isKept(head[0] as number) ? head.filter(isKept) : undefined;
}

/** The candidates at `indices`, as a list. A tokenizer may know more tokens than its model has rows. */
function pick(distribution: TokenDistribution, indices: Int32Array) {
  if (indices.length === 0) return undefined;
  const { logits, head } = distribution;
  const likely = head === undefined ? -1 : indices.indexOf(head[0] as number);
  return {
    ...distribution,
    tokenIds: indices.map((index) => tokenIdAt(distribution, index)),
    logits: Float64Array.from(indices, (index) => logits[index] ?? Number.NEGATIVE_INFINITY),
    head: likely < 0 ? undefined : Int32Array.of(likely),
  };
}

function indicesOf(tokenIds: Int32Array, isKept: (tokenId: number) => boolean): Int32Array {
  return Int32Array.from(tokenIds.keys()).filter((index) => isKept(tokenIds[index] as number));
}
