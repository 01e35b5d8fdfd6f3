import {
  AdaedlError,
  type DraftToken,
  type RoundVerdict,
  type Verifier,
  verdictOf,
} from "@adaedl/core";
import type { SlotSettings } from "@adaedl/runtime";
import { openSlotSession, type TailRead } from "./slot-session.ts";
import type { PacedThread, StepTiming } from "./step-scheduler.ts";

/** Verifies for one session. Close it when the session ends. */
export interface TargetSession extends Verifier, AsyncDisposable {
  /** Forwards of the target model so far. */
  readonly numForwards: number;
  /** Of the last call; zeros on a thread that is not shared. */
  readonly timing: StepTiming;
  /** Computes the rows of a sequence in advance; its last token's is computed with the first round. */
  prefill(sequence: readonly number[], signal?: AbortSignal): Promise<void>;
  /** The verdict on guesses that follow `sequence`, in one forward. */
  judge(
    sequence: readonly number[],
    guesses: readonly DraftToken[],
    signal?: AbortSignal,
  ): Promise<RoundVerdict>;
  close(): Promise<void>;
}

/** Opens a verification session on the target model: one forward judges a whole draft. */
export async function openTargetSession(
  thread: PacedThread,
  settings: SlotSettings,
  signal?: AbortSignal,
): Promise<TargetSession> {
  const session = await openSlotSession(thread, settings, signal);

  async function judge(
    sequence: readonly number[],
    draft: readonly DraftToken[],
    signal?: AbortSignal,
  ): Promise<RoundVerdict> {
    const firstUnknown = draft.findIndex(({ tokenId }) => tokenId >= thread.info.vocabSize);
    const guesses = firstUnknown < 0 ? draft : draft.slice(0, firstUnknown);
    const unknown = draft[firstUnknown];
    const reads: TailRead[] = guesses.map((guess) => ({ kind: "judge", guess }));
    // The position after the draft has the bonus token; an unknown guess is judged there, and refused:
    // under the rejection rule that is another draw than if nothing had been guessed.
    reads.push(unknown === undefined ? { kind: "judge" } : { kind: "judge", guess: unknown });
    const tokenIds = guesses.map((guess) => guess.tokenId);
    const results = await session.advance(sequence, tokenIds, sequence.length, reads, signal);
    const rows = results.map((row) => {
      if (row.kind !== "judge") throw new AdaedlError("internal", "the target did not judge");
      return row;
    });
    const verdict = verdictOf(rows.map((row) => row.judgement));
    if (settings.wantsLogprobs !== true) return verdict;
    const committed = rows.slice(0, verdict.numAccepted + 1);
    const logprobs = committed.map((row) => row.logprob as number);
    if (!settings.numTopLogprobs) return { ...verdict, logprobs };
    return { ...verdict, logprobs, topLogprobs: committed.map((row) => row.topLogprobs ?? []) };
  }

  return {
    judge,
    async verify(round, draft, signal) {
      const guesses: DraftToken[] = [];
      for await (const guess of draft) guesses.push(guess);
      const verdict = await judge(round.text.tokenIds, guesses, signal);
      const { queueMs, forwardMs, batchSize } = session.timing;
      if (batchSize === 0) return verdict; // a thread that is not shared does not say
      return { ...verdict, timing: { queueMs, verifyMs: forwardMs } };
    },
    async prefill(sequence, signal) {
      const length = sequence.length - 1;
      await session.advance(sequence.slice(0, length), [], length, [], signal);
    },
    get numForwards() {
      return session.numForwards;
    },
    get timing() {
      return session.timing;
    },
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}
