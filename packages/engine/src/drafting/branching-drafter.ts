import {
  AdaedlError,
  type Drafter,
  invalidField,
  type ModelPlace,
  maxDraftWidth,
  type Text,
} from "@adaedl/core";
import type { RowResult, SlotSettings } from "@adaedl/runtime";
import type { PacedThread } from "../step-scheduler.ts";
import { BranchSlots } from "./branch-slots.ts";

/** Drafts for one text. Close it when the text ends. One call at a time. */
export interface BranchingDrafter extends Drafter<ModelPlace> {
  /** Forwards of the draft model so far. */
  readonly numForwards: number;
  /** Computes a text in advance, but for its last token. */
  prefill(tokenIds: readonly number[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A place beyond the draft model's context. */
const unknownPlace: ModelPlace = { entropy: 0, topProb: 0, candidates: [] };

/**
 * Opens a drafter on the draft model that expands several places of the draft tree in one forward, a
 * slot for each: no attention over a tree is needed.
 *
 * The target may have tokens that the draft model lacks. The draft model reads the last token that both
 * have in their place: what it drafts from there is as good as it can be, and need not be more.
 *
 * @param settings with `numDraftTokenIds`, the ids that mean the same to both models
 * @param limits `width`: most places in one forward, 1 to 4; as many slots are opened, as they are needed
 * @throws AdaedlError `invalid_argument` for another width
 */
export async function openBranchingDrafter(
  thread: PacedThread,
  settings: SlotSettings,
  { width }: { readonly width: number },
  signal?: AbortSignal,
): Promise<BranchingDrafter> {
  if (!Number.isInteger(width) || width < 1 || width > maxDraftWidth)
    throw invalidField("width", width, `must be a whole number from 1 to ${maxDraftWidth}`);
  const slots = await BranchSlots.open(thread, settings, signal);
  const { vocabSize, contextLength } = thread.info;
  const lastShared = Math.min(settings.numDraftTokenIds ?? vocabSize, vocabSize) - 1;
  const inSharedTokens = (tokenIds: readonly number[]) =>
    tokenIds.map((tokenId) => Math.min(tokenId, lastShared));

  async function propose(
    text: Text,
    length: number,
    paths: readonly (readonly number[])[],
    numCandidates: number,
    signal?: AbortSignal,
  ) {
    if (paths.length > width)
      throw new AdaedlError("internal", `${paths.length} places for a drafter of width ${width}`);
    // A draft token has to have a place in the draft model's own context too.
    if (length >= contextLength) return { obstacle: "draft_context" } as const;
    const fits = (path: readonly number[]) => length + path.length < contextLength;
    const known = inSharedTokens(text.tokenIds.slice(0, length));
    const read = { kind: "propose", count: numCandidates } as const;
    const rows = await slots.readAfter(known, paths.filter(fits).map(inSharedTokens), read, signal);
    let next = 0;
    return { places: paths.map((path) => (fits(path) ? placeOf(rows[next++]) : unknownPlace)) };
  }

  const close = () => slots.close();
  return {
    propose,
    async prefill(tokenIds, signal) {
      if (tokenIds.length < contextLength) await slots.catchUp(inSharedTokens(tokenIds), 1, signal);
    },
    get numForwards() {
      return slots.numForwards;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function placeOf(row: RowResult | undefined): ModelPlace {
  if (row?.kind !== "propose")
    throw new AdaedlError("internal", "the draft model proposed nothing");
  return row.place;
}
