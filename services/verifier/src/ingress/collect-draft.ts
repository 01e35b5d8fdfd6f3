import { AdaedlError, type DraftToken, invalidField } from "@adaedl/core";
import type { DraftTokenMessage, EndOfDraft } from "@adaedl/protocol";

/** The guesses of the round that is coming in. */
export interface DraftCollector {
  /** @throws AdaedlError for a guess that has no place in this draft */
  add(message: DraftTokenMessage): void;
  /** The whole draft; the next one begins. @throws AdaedlError when it does not belong to the end */
  finish(end: EndOfDraft): readonly DraftToken[];
}

export interface DraftBounds {
  /** Token ids are below this. */
  readonly numTokenIds: number;
  readonly contextLength: number;
  readonly needsDistribution: boolean;
  /** Longest draft the client was allowed. */
  readonly maxDraftLength: () => number;
}

/** Checks each guess as it comes in, against the ones before it. */
export function createDraftCollector(bounds: DraftBounds): DraftCollector {
  let guesses: DraftToken[] = [];
  let round = 0;

  return {
    add(message) {
      const { tokenId, position, distribution } = message.token;
      const { numTokenIds, contextLength, needsDistribution } = bounds;
      const first = guesses[0];
      if (first === undefined) round = message.round;
      const at = `draft_token[${guesses.length}]`;
      if (message.round !== round)
        throw new AdaedlError("aborted", `${at}.round must be ${round}, got ${message.round}`, {
          field: `${at}.round`,
          value: message.round,
        });
      if (guesses.length >= bounds.maxDraftLength())
        throw invalidField(
          "draft",
          `${guesses.length + 1} tokens`,
          `must be no longer than the allowed ${bounds.maxDraftLength()}`,
        );
      if (tokenId >= numTokenIds)
        throw invalidField(
          `${at}.token_id`,
          tokenId,
          `must be a whole number from 0 to ${numTokenIds - 1}`,
        );
      if (first !== undefined && position !== first.position + guesses.length)
        throw new AdaedlError(
          "aborted",
          `${at}.position must be ${first.position + guesses.length}, got ${position}`,
          { field: `${at}.position`, value: position },
        );
      if (position >= contextLength)
        throw new AdaedlError(
          "out_of_range",
          `${at}.position must be below the target's context of ${contextLength}, got ${position}`,
          { field: `${at}.position`, value: position },
        );
      if (needsDistribution !== (distribution !== undefined))
        throw invalidField(
          `${at}.distribution`,
          distribution === undefined ? "none" : "one",
          "must be there with the rejection rule, and only with it",
        );
      const unknown = distribution?.tokenIds.find((id) => id >= numTokenIds);
      if (unknown !== undefined)
        throw invalidField(
          `${at}.distribution.token_ids`,
          unknown,
          `must be whole numbers from 0 to ${numTokenIds - 1}`,
        );
      guesses.push(message.token);
    },
    finish({ round: endRound, committedLength }) {
      const [first] = guesses;
      const draft = guesses;
      guesses = [];
      if (first === undefined) return draft;
      if (endRound !== round)
        throw new AdaedlError(
          "aborted",
          `end_of_draft.round must be that of its guesses, ${round}, got ${endRound}`,
          { field: "end_of_draft.round", value: endRound },
        );
      if (committedLength !== first.position)
        throw new AdaedlError(
          "aborted",
          `draft_token[0].position must be the committed length ${committedLength}, got ${first.position}`,
          { field: "draft_token[0].position", value: first.position },
        );
      return draft;
    },
  };
}
