import type { SharedTokens } from "@adaedl/core";
import { createSpelling } from "./draft-spelling.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { idsByBytes, tokenKey } from "./token-keys.ts";

/** How a draft model reads and writes the tokens of its target, whose vocabulary may be another one. */
export interface VocabularyMap {
  /** Draft tokens are these, by the target's ids. */
  readonly shared: SharedTokens;
  /** Whether ids that both have mean the same to both. */
  readonly isSame: boolean;
  /** Share of the target's tokens that the draft model has, too: 0 to 1. */
  readonly commonShare: number;
  /**
   * What the draft model reads in place of tokens of the target. When they go on, the last word may be spelled
   * in other tokens; what is before it stays.
   */
  toDraft(targetIds: readonly number[]): readonly number[];
  /** The draft's id of a token that both have. */
  draftIdOf(targetId: number): number | undefined;
}

/**
 * Maps the tokens of a draft model and its target onto each other. Where an id means the same to both, as far as
 * both have it, nothing is renamed: the draft model reads a token that it lacks as the last one that both have,
 * which keeps all others in their places. Else tokens of the same bytes are the same, and so are special tokens
 * of the same role or spelling, and the rest is spelled.
 *
 * @param numTokenIds rows of the target's logits: its token ids are below this
 */
export function mapVocabulary(
  target: ModelTokenizer,
  draft: ModelTokenizer,
  numTokenIds: number,
): VocabularyMap {
  const numTargetIds = Math.min(target.vocabSize, numTokenIds);
  const numBoth = Math.min(numTargetIds, draft.vocabSize);
  if (hasSameTokens(target, draft, numBoth)) {
    const isShared = (id: number) => id < numBoth;
    return {
      ...{ shared: { numSame: numBoth }, isSame: true },
      commonShare: numBoth / Math.max(1, numTargetIds),
      toDraft: (ids) =>
        ids.every(isShared) ? ids : ids.map((id) => Math.min(id, Math.max(0, numBoth - 1))),
      draftIdOf: (id) => (isShared(id) ? id : undefined),
    };
  }
  const pairs = pairTokens(target, draft, numTargetIds);
  const draftIdOf = (targetId: number) => pairs.get(targetId);
  return {
    ...{ shared: sharedTokens(pairs, draft.vocabSize), isSame: false },
    commonShare: pairs.size / Math.max(1, numTargetIds),
    toDraft: createSpelling(target, draft, draftIdOf),
    draftIdOf,
  };
}

/** The same words may stand for bytes in one ("Ġ" is a space) and for themselves in the other. */
function hasSameTokens(target: ModelTokenizer, draft: ModelTokenizer, numIds: number): boolean {
  if (target === draft) return true;
  if (target.kind !== draft.kind) return false;
  for (let id = 0; id < numIds; id++) if (target.tokenOf(id) !== draft.tokenOf(id)) return false;
  return true;
}

/** The draft's id of each of the target's tokens that it has; one to one. */
function pairTokens(
  target: ModelTokenizer,
  draft: ModelTokenizer,
  numTargetIds: number,
): ReadonlyMap<number, number> {
  const draftIds = idsByBytes(draft);
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  const pair = (targetId: number | undefined, draftId: number | undefined) => {
    if (targetId === undefined || draftId === undefined || targetId >= numTargetIds) return;
    if (pairs.has(targetId) || taken.has(draftId)) return;
    pairs.set(targetId, draftId);
    taken.add(draftId);
  };
  pair(target.eosTokenId, draft.eosTokenId);
  pair(target.bosTokenId, draft.bosTokenId);
  for (let id = 0; id < numTargetIds; id++) {
    pair(id, draftIds.get(tokenKey(target, id)));
  }
  return pairs;
}

function sharedTokens(pairs: ReadonlyMap<number, number>, numDraftIds: number): SharedTokens {
  const targetIds = sharedArray(numDraftIds).fill(-1);
  for (const [targetId, draftId] of pairs) targetIds[draftId] = targetId;
  const sharedIds = sharedArray(pairs.size);
  sharedIds.set([...pairs.values()].sort((a, b) => a - b));
  return { targetIds, sharedIds };
}

/** In memory that goes to a thread without being copied. */
function sharedArray(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
