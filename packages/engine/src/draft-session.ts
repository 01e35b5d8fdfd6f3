import { AdaedlError, type DraftedToken, type Drafter, type Round } from "@adaedl/core";
import type { ModelThread, SlotSettings } from "@adaedl/runtime";
import { openSlotSession } from "./slot-session.ts";

/** Drafts for one session. Close it when the session ends. */
export interface DraftSession extends Drafter, AsyncDisposable {
  /** Forwards of the draft model so far. */
  readonly numForwards: number;
  close(): Promise<void>;
}

/**
 * Opens a draft session on the draft model.
 *
 * Each round starts from the true sequence: whatever the slot holds beyond the common beginning is
 * rolled back, and what it misses (after full acceptance the last guess and the bonus token) is
 * computed first. That the rows it keeps belong to the true sequence is asserted in the model thread.
 */
export async function openDraftSession(
  thread: ModelThread,
  settings: SlotSettings,
  signal?: AbortSignal,
): Promise<DraftSession> {
  const session = await openSlotSession(thread, settings, signal);

  // A draft model that has no row for a token of the text cannot go on from it.
  let numKnown = 0;
  function hasUnknown(sequence: readonly number[]): boolean {
    const isKnown = () => (sequence[numKnown] as number) < thread.info.vocabSize;
    while (numKnown < sequence.length && isKnown()) numKnown++;
    return numKnown < sequence.length;
  }

  async function* draft(round: Round, signal?: AbortSignal): AsyncGenerator<DraftedToken> {
    const { sequence } = round;
    const roundStart = sequence.length;
    const guesses: number[] = [];
    if (hasUnknown(sequence)) return;
    // The guess itself must have a place in the draft's own context too.
    while (roundStart + guesses.length < thread.info.contextLength) {
      assertUnchanged(round, roundStart);
      const [row] = await session.advance(
        sequence,
        guesses,
        roundStart,
        [{ kind: "guess" }],
        signal,
      );
      if (row?.kind !== "guess") throw new AdaedlError("internal", "the draft model made no guess");
      const position = roundStart + guesses.length;
      guesses.push(row.guess.tokenId);
      yield { ...row.guess, position, ...row.evidence };
    }
  }

  return {
    draft,
    obstacle(sequence) {
      const isFull = sequence.length >= thread.info.contextLength;
      return isFull || hasUnknown(sequence) ? "draft_context" : undefined;
    },
    get numForwards() {
      return session.numForwards;
    },
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

/** A draft that outlives its round would continue a sequence that is no longer the true one. */
function assertUnchanged(round: Round, roundStart: number): void {
  if (round.sequence.length !== roundStart)
    throw new AdaedlError(
      "internal",
      `the sequence grew from ${roundStart} to ${round.sequence.length} tokens during round ${round.number}`,
    );
}
