import type { PlannedToken } from "@adaedl/core";
import type { RowRead } from "@adaedl/runtime";

/** What bounds a text's part of a step. */
export interface PlanLimits {
  /** Draft tokens that are less likely are not worth a row. */
  readonly leastChance: number;
  /** Draft tokens in one forward. */
  readonly maxDraftLength: number;
  /** Tokens of a prompt in one forward. */
  readonly pieceLength: number;
}

/** A text's part of a step that begins now. */
export interface SequencePlan {
  /** To compute: a piece of the prefix, or the last token of the text and draft tokens after it. */
  readonly tokenIds: readonly number[];
  /** To verify. The last one may be no token of the target's: it is judged without a row of its own. */
  readonly chain: readonly PlannedToken[];
  readonly isPiece: boolean;
  /** Rows that the slot holds afterwards. */
  readonly numRows: number;
}

/**
 * What to read of the rows of a plan. The place after the chain has the bonus token. A draft token that the
 * target does not have is judged there, and rejected: under the rejection rule that is another draw than if
 * nothing had been drafted.
 */
export function readsOf({ tokenIds, chain, isPiece }: SequencePlan): readonly RowRead[] {
  return isPiece ? [] : tokenIds.map((_, index) => readAt(index, chain[index]));
}

function readAt(index: number, draft: PlannedToken | undefined): RowRead {
  if (draft === undefined) return { kind: "judge", index };
  const { tokenId, distribution } = draft;
  const guess = distribution === undefined ? { tokenId } : { tokenId, distribution };
  return { kind: "judge", index, guess };
}
