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
      let unknown: DraftToken | undefined; // the first guess the target has no row for
      for await (const token of draft) {
        if (token.tokenId >= thread.info.vocabSize) unknown ??= token;
        if (unknown === undefined) guesses.push(token);
      }

      const reads: TailRead[] = guesses.map((guess) => ({ kind: "judge", guess }));
      // The position after the draft has the bonus token; an unknown guess is judged there, and refused:
      // under the rejection rule that is another draw than if nothing had been guessed.
      reads.push(unknown === undefined ? { kind: "judge" } : { kind: "judge", guess: unknown });
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
