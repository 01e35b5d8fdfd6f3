import { AdaedlError, type DraftedToken, type Drafter, type Round } from "@adaedl/core";
import type { SlotSettings } from "@adaedl/runtime";
import { openSlotSession } from "./slot-session.ts";
import type { PacedThread } from "./step-scheduler.ts";

/** Drafts for one session. Close it when the session ends. */
export interface DraftSession extends Drafter, AsyncDisposable {
  /** Forwards of the draft model so far. */
  readonly numForwards: number;
  /** Computes a sequence in advance, but for its last token. Nothing is drafted meanwhile. */
  prefill(sequence: readonly number[], signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a draft session on the draft model.
 *
 * Each round starts from the true sequence: whatever the slot holds beyond the common beginning is
 * rolled back, and what it misses (after full acceptance the last guess and the bonus token) is
 * computed first. That the rows it keeps belong to the true sequence is asserted in the model thread.
 *
 * The target may have tokens that the draft model lacks. The draft model reads the last token that both
 * have in their place: what it drafts from there is as good as it can be, and need not be more.
 *
 * @param settings with `numDraftTokenIds`, the ids that mean the same to both models
 */
export async function openDraftSession(
  thread: PacedThread,
  settings: SlotSettings,
  signal?: AbortSignal,
): Promise<DraftSession> {
  const session = await openSlotSession(thread, settings, signal);

  const { vocabSize } = thread.info;
  const lastShared = Math.min(settings.numDraftTokenIds ?? vocabSize, vocabSize) - 1;
  function inSharedTokens(sequence: readonly number[]): readonly number[] {
    if (sequence.every((tokenId) => tokenId <= lastShared)) return sequence;
    return sequence.map((tokenId) => Math.min(tokenId, lastShared));
  }

  async function* draft(round: Round, signal?: AbortSignal): AsyncGenerator<DraftedToken> {
    const { tokenIds: sequence, length: roundStart } = round.text;
    const guesses: number[] = [];
    const known = inSharedTokens(sequence);
    // The guess itself must have a place in the draft's own context too.
    while (roundStart + guesses.length < thread.info.contextLength) {
      assertUnchanged(round, roundStart);
      const [row] = await session.advance(known, guesses, roundStart, [{ kind: "guess" }], signal);
      if (row?.kind === "no-guess") return;
      if (row?.kind !== "guess") throw new AdaedlError("internal", "the draft model made no guess");
      const position = roundStart + guesses.length;
      guesses.push(row.guess.tokenId);
      yield { ...row.guess, position, ...row.evidence };
    }
  }

  return {
    draft,
    async prefill(sequence, signal) {
      if (sequence.length >= thread.info.contextLength) return;
      const length = sequence.length - 1;
      const known = inSharedTokens(sequence.slice(0, length));
      await session.advance(known, [], length, [], signal);
    },
    obstacle(sequence) {
      return sequence.length >= thread.info.contextLength ? "draft_context" : undefined;
    },
    get numForwards() {
      return session.numForwards;
    },
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

/** A draft that outlives its round would continue a text that is no longer the true one. */
function assertUnchanged(round: Round, roundStart: number): void {
  if (round.text.length !== roundStart)
    throw new AdaedlError(
      "internal",
      `the text grew from ${roundStart} to ${round.text.length} tokens during round ${round.number}`,
    );
}
