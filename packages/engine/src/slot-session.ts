import { AdaedlError, Text } from "@adaedl/core";
import type { RowRead, RowResult, SlotResult, SlotSettings } from "@adaedl/runtime";
import { longestPiece } from "./prompt-pace.ts";
import type { PacedThread, StepTiming } from "./step-scheduler.ts";

/** What to read after one token: a `RowRead` whose place is given by its order. */
export type TailRead = RowRead extends infer Read
  ? Read extends RowRead
    ? Omit<Read, "index">
    : never
  : never;

/** A model's memory of one sequence: one slot, kept in step with what the sequence really is. */
export interface SlotSession extends AsyncDisposable {
  /** Forwards so far, those of the prompt included. */
  readonly numForwards: number;
  /** Of the last `advance`, all its forwards added up; zeros on a thread that is not shared. */
  readonly timing: StepTiming;
  /**
   * Brings the slot to `sequence` followed by `guesses` with as little work as possible: keeps the
   * rows of the common beginning, rolls back what is no longer true, computes the rest.
   * @param roundStart length of the true sequence when the round began
   * @param reads what to read after each of the last `reads.length` tokens
   */
  advance(
    sequence: readonly number[],
    guesses: readonly number[],
    roundStart: number,
    reads: readonly TailRead[],
    signal?: AbortSignal,
  ): Promise<readonly RowResult[]>;
  close(): Promise<void>;
}

/** Opens an empty slot in the model. Close the session to free it. */
export async function openSlotSession(
  thread: PacedThread,
  settings: SlotSettings,
  signal?: AbortSignal,
): Promise<SlotSession> {
  const slotId = await thread.openSlot(settings, signal);
  /** The tokens whose rows the slot holds. */
  const held = new Text();
  let numForwards = 0;
  let timing = noTime;

  async function forward(
    tokenIds: readonly number[],
    roundStart: number,
    reads: readonly RowRead[],
    signal: AbortSignal | undefined,
  ): Promise<readonly RowResult[]> {
    const step = { slotId, keep: held.fence(), tokenIds, roundStart, reads };
    const [result]: (SlotResult & { readonly timing?: StepTiming })[] = await thread.forward(
      [step],
      signal,
    );
    if (result === undefined) throw new AdaedlError("internal", "the model returned no result");
    if ("error" in result)
      throw new AdaedlError(result.error.code, result.error.message, result.error);
    for (const tokenId of tokenIds) held.append(tokenId);
    numForwards++;
    if (result.timing !== undefined) timing = sumOf(timing, result.timing);
    return result.rows;
  }

  const close = () => thread.closeSlot(slotId);
  return {
    get numForwards() {
      return numForwards;
    },
    get timing() {
      return timing;
    },
    async advance(sequence, guesses, roundStart, reads, signal) {
      timing = noTime;
      const length = sequence.length + guesses.length;
      const wanted = (index: number) =>
        index < sequence.length ? sequence[index] : guesses[index - sequence.length];
      let numKept = 0;
      const limit = Math.min(held.length, length - reads.length);
      while (numKept < limit && held.tokenIds[numKept] === wanted(numKept)) numKept++;
      held.truncate(numKept);

      const missing = Array.from(
        { length: length - numKept },
        (_, i) => wanted(numKept + i) as number,
      );
      for (;;) {
        const piece = thread.pieceLength?.() ?? longestPiece;
        if (missing.length <= Math.max(piece, reads.length)) break;
        // Everything that is read has to be in the last piece.
        const length = Math.min(piece, missing.length - reads.length);
        await forward(missing.splice(0, length), roundStart, [], signal);
      }
      if (missing.length === 0) return [];
      const firstRead = missing.length - reads.length;
      const placed = reads.map((read, index) => ({ ...read, index: firstRead + index }));
      return forward(missing, roundStart, placed, signal);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const noTime: StepTiming = { queueMs: 0, forwardMs: 0, batchSize: 0 };

function sumOf(before: StepTiming, { queueMs, forwardMs, batchSize }: StepTiming): StepTiming {
  return {
    queueMs: before.queueMs + queueMs,
    forwardMs: before.forwardMs + forwardMs,
    batchSize,
  };
}
