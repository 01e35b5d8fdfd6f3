import {
  AdaedlError,
  type Drafter,
  invalidField,
  type ModelPlace,
  maxDraftWidth,
  type Text,
} from "@adaedl/core";
import type { VocabularyMap } from "@adaedl/model";
import type { RowResult, SlotSettings } from "@adaedl/runtime";
import type { PacedThread } from "../step-scheduler.ts";
import { type BranchPlace, BranchSlots } from "./branch-slots.ts";

/** Drafts for one text. Close it when the text ends. One call at a time. */
export interface BranchingDrafter extends Drafter<ModelPlace> {
  /** Forwards of the draft model so far. */
  readonly numForwards: number;
  /** Computes a text in advance, but for its last token. */
  prefill(tokenIds: readonly number[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface DrafterOptions {
  readonly width: number;
  readonly vocabulary?: VocabularyMap | undefined;
}

/** A place beyond the draft model's context. */
const unknownPlace: ModelPlace = { entropy: 0, topProb: 0, candidates: [] };

/**
 * Opens a drafter on the draft model that expands several places of the draft tree in one forward, a
 * slot for each: no attention over a tree is needed.
 *
 * A model that was trained for it says in the same forward what may stand at the places after each (PARD,
 * arXiv 2504.18583): it reads a mask for each token that is not drafted yet.
 *
 * The target may have another vocabulary: the draft model reads the text in its own tokens, and drafts those
 * that the target has, too.
 *
 * @param settings as of the target
 * @param options `width`: most places in one forward, 1 to 4; as many slots are opened, as they are needed.
 *   `vocabulary`: what the target's tokens are to the draft model; default: the same
 * @throws AdaedlError `invalid_argument` for another width
 */
export async function openBranchingDrafter(
  thread: PacedThread,
  settings: SlotSettings,
  { width, vocabulary }: DrafterOptions,
  signal?: AbortSignal,
): Promise<BranchingDrafter> {
  if (!Number.isInteger(width) || width < 1 || width > maxDraftWidth)
    throw invalidField("width", width, `must be a whole number from 1 to ${maxDraftWidth}`);
  const slots = await BranchSlots.open(thread, slotSettings(settings, vocabulary), signal);
  const { contextLength, vocabSize, parallel } = thread.info;
  const { depth, maskTokenId } = parallel ?? { depth: 1, maskTokenId: 0 };
  const hasRow = (tokenId: number) => tokenId < vocabSize;
  /** A model may have fewer rows than its tokenizer has tokens. */
  function toDraft(targetIds: readonly number[]): readonly number[] {
    const tokenIds = vocabulary?.toDraft(targetIds) ?? targetIds;
    return tokenIds.every(hasRow) ? tokenIds : tokenIds.map((id) => Math.min(id, vocabSize - 1));
  }

  async function propose(
    text: Text,
    length: number,
    paths: readonly (readonly number[])[],
    numCandidates: number,
    signal?: AbortSignal,
  ) {
    if (paths.length > width)
      throw new AdaedlError("internal", `${paths.length} places for a drafter of width ${width}`);
    const tokenIds = text.tokenIds.slice(0, length);
    const known = toDraft(tokenIds);
    if (known.length === 0) return { places: [] }; // no token of the text is known to the draft model
    if (known.length >= contextLength) return { obstacle: "draft_context" } as const;
    const asked = paths.map((path): BranchPlace => {
      const sequence = toDraft([...tokenIds, ...path]);
      // A draft token has to have a place in the draft model's own context too.
      const numPlaces = Math.min(depth, contextLength - sequence.length);
      const position = length + path.length;
      const reads = Array.from({ length: Math.max(0, numPlaces) }, (_, ahead) => {
        return { kind: "propose" as const, count: numCandidates, position: position + ahead };
      });
      return { sequence, masks: reads.slice(1).map(() => maskTokenId), reads };
    });
    const fitting = asked.filter(({ reads }) => reads.length > 0);
    const rows = await slots.readAfter(known, fitting, length, signal);
    const said = asked.map((place): readonly ModelPlace[] => {
      const own = rows[fitting.indexOf(place)];
      return own === undefined
        ? [unknownPlace]
        : own.map((row, numMasks) => ({ ...placeOf(row), ...(numMasks > 0 && { numMasks }) }));
    });
    return {
      places: said.map(([place = unknownPlace]) => place),
      ...(depth > 1 && { further: said.map((places) => places.slice(1)) }),
    };
  }

  const close = () => slots.close();
  return {
    propose,
    async prefill(tokenIds, signal) {
      const known = toDraft(tokenIds);
      if (known.length < contextLength) await slots.catchUp(known, 1, signal);
    },
    get numForwards() {
      return slots.numForwards;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Biases are of the target's tokens. */
function slotSettings(settings: SlotSettings, vocabulary: VocabularyMap | undefined): SlotSettings {
  if (vocabulary === undefined) return settings;
  const { shared: sharedTokens, draftIdOf } = vocabulary;
  const { sampling } = settings;
  const logitBias = new Map<number, number>();
  for (const [targetId, bias] of sampling.logitBias) {
    const draftId = draftIdOf(targetId);
    if (draftId !== undefined) logitBias.set(draftId, bias);
  }
  return { ...settings, sharedTokens, sampling: { ...sampling, logitBias } };
}

function placeOf(row: RowResult | undefined): ModelPlace {
  if (row?.kind !== "propose")
    throw new AdaedlError("internal", "the draft model proposed nothing");
  return row.place;
}
