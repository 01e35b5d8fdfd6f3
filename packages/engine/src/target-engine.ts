import { AdaedlError, type DraftToken, type Verifier, verdictOf } from "@adaedl/core";
import type { ModelThread, SlotSettings } from "@adaedl/runtime";
import { openSlotSession, type TailRead } from "./slot-session.ts";

/** Verifies for one session. Close it when the session ends. */
export interface TargetSession extends Verifier, AsyncDisposable {
  /** Forwards of the target model so far. */
  readonly numForwards: number;
  close(): Promise<void>;
}

/** Opens a verification session on the target model: one forward judges a whole draft. */
export async function openTargetSession(
  thread: ModelThread,
  settings: SlotSettings,
  signal?: AbortSignal,
): Promise<TargetSession> {
  const session = await openSlotSession(thread, settings, signal);
  return {
    async verify(round, draft, signal) {
      const guesses: DraftToken[] = [];
      let isKnown = true; // a guess the target has no row for is refused like any wrong one
      for await (const token of draft) {
        isKnown &&= token.tokenId < thread.info.vocabSize;
        if (isKnown) guesses.push(token);
      }

      const reads: TailRead[] = guesses.map((guess) => ({ kind: "judge", guess }));
      reads.push({ kind: "judge" }); // the position after the draft: the bonus token
      const { sequence } = round;
      const tokenIds = guesses.map((guess) => guess.tokenId);
      const rows = await session.advance(sequence, tokenIds, sequence.length, reads, signal);
      return verdictOf(
        rows.map((row) => {
          if (row.kind !== "judge") throw new AdaedlError("internal", "the target did not judge");
          return row.judgement;
        }),
      );
    },
    get numForwards() {
      return session.numForwards;
    },
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}
