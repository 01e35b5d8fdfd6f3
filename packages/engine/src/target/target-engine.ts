import {
  AdaedlError,
  invalidField,
  longestDraftLength,
  newTargetCounts,
  type TargetCounts,
  throwIfAborted,
  type VerifierSession,
} from "@adaedl/core";
import type { ModelInfo, ModelThread } from "@adaedl/runtime";
import { createSlotBudget } from "../slot-budget.ts";
import { defaultStepLimits } from "../step-former.ts";
import { type EdgeWord, Sequence } from "./sequence.ts";
import { StepLoop, type StepLoopOptions } from "./step-loop.ts";
import { checkTextStart, type TextStart } from "./text-start.ts";

export interface TargetEngineOptions extends Partial<StepLoopOptions> {
  /** Bytes of all sessions' rows together. */
  readonly cacheBytes: number;
  readonly maxSessions: number;
  /** Texts that may wait for room, first come, first served; default: none, they are refused. */
  readonly maxWaiting?: number;
}

/** Many texts on one target model. */
export interface TargetEngine {
  readonly info: ModelInfo;
  readonly numSessions: number;
  readonly cacheBytesUsed: number;
  /** Sessions whose rows were given to others. */
  readonly numEvicted: number;
  /** Sessions that could be opened without closing another, as far as their number goes. */
  readonly numFreeSlots: number;
  /** Whether there is one that would make room for another. */
  readonly hasIdleSession: boolean;
  /** Steps completed. */
  readonly numForwards: number;
  /** Draft tokens and commits of all sessions so far. */
  readonly counts: Readonly<TargetCounts>;
  /**
   * Begins to compute and decode a text. `opened` is said when all of `tokenIds` but the last are computed,
   * then each forward is a commit.
   *
   * What `messages` ends with where something goes wrong: `invalid_argument` or `out_of_range` for a start
   * or an offer that breaks a rule, `resource_exhausted` with a time to wait where there is no room for it
   * and none to wait,
   * `not_found` when the rows were given to others while the text waited for its edge, `aborted` for an
   * offer on another text, `unavailable` when the model's thread is gone, and what the signal says. After
   * all of them the text can be opened again with what is committed.
   */
  open(start: TextStart, signal?: AbortSignal): VerifierSession;
}

/** Texts on `thread`, which the engine does not close. */
export function createTargetEngine(
  thread: ModelThread,
  options: TargetEngineOptions,
): TargetEngine {
  const budget = createSlotBudget({ ...options, ...thread.info });
  const sessions = new Map<string, Sequence>();
  /** Those that wait for room. */
  const queue: Sequence[] = [];
  let isLettingIn = false;
  let numEvicted = 0;
  const counts = newTargetCounts();
  const { step = defaultStepLimits, longestDraft = longestDraftLength, onStep } = options;
  const { maxWaiting = 0, forwardPriceMs = 0, now = () => performance.now() } = options;
  const loop = new StepLoop(
    thread,
    { step, longestDraft, forwardPriceMs, onStep, now },
    { reserve, settle, end, lost },
  );

  function reserve({ start: { sessionId } }: Sequence, numRows: number): void {
    for (const evictedId of budget.reserve(sessionId, numRows)) {
      numEvicted++;
      const evicted = sessions.get(evictedId);
      if (evicted !== undefined) end(evicted, notHere(evictedId));
    }
  }

  /** Something has happened that may change what the sequence can do. */
  function settle(sequence: Sequence): void {
    const { sessionId } = sequence.start;
    if (sequence.isFinished) end(sequence);
    else if (sequence.canRun) {
      budget.hold(sessionId);
      loop.wake(sequence);
    } else if (sequence.isIdle) {
      budget.release(sessionId);
      letIn();
    }
  }

  function end(sequence: Sequence, error?: AdaedlError): void {
    if (sequence.isEnded) return;
    const { sessionId } = sequence.start;
    sessions.delete(sessionId);
    const place = queue.indexOf(sequence);
    if (place >= 0) queue.splice(place, 1);
    else budget.free(sessionId);
    close(sequence.end(error));
    letIn();
  }

  function hasRoom(sequence: Sequence): boolean {
    try {
      reserve(sequence, sequence.start.tokenIds.length);
      return true;
    } catch (error) {
      if (AdaedlError.from(error).code === "resource_exhausted") return false;
      throw error;
    }
  }

  /** Room was made: for those that wait for it. Making room for one may end another, which calls this again. */
  function letIn(): void {
    if (isLettingIn) return;
    isLettingIn = true;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      try {
        if (!hasRoom(next)) break;
        queue.shift();
        void openSlot(next);
      } catch (error) {
        end(next, AdaedlError.from(error)); // it would not fit alone
      }
    }
    isLettingIn = false;
  }

  function lost(error: AdaedlError): void {
    for (const sequence of sessions.values()) end(sequence, error);
  }

  /** A thread that is gone has nothing left to close. */
  function close(slotId: number | undefined): void {
    if (slotId !== undefined) thread.closeSlot(slotId).catch(() => {});
  }

  function admit(sequence: Sequence, signal: AbortSignal | undefined): void {
    const { start } = sequence;
    throwIfAborted(signal);
    checkTextStart(start, thread.info);
    if (sessions.has(start.sessionId))
      throw invalidField("session_id", start.sessionId, "must not be in use");
    const isNext = queue.length === 0;
    const mayWait = queue.length < maxWaiting;
    if (!mayWait) reserve(sequence, start.tokenIds.length); // says why there is no room
    sessions.set(start.sessionId, sequence);
    if (mayWait && !(isNext && hasRoom(sequence))) queue.push(sequence);
    else void openSlot(sequence);
  }

  async function openSlot(sequence: Sequence): Promise<void> {
    try {
      const slotId = await thread.openSlot(sequence.start.settings);
      if (sequence.isEnded) close(slotId);
      else {
        sequence.attach(slotId);
        settle(sequence);
      }
    } catch (error) {
      end(sequence, AdaedlError.from(error));
    }
  }

  /** Tells a sequence something, unless it has ended. */
  function tell(sequence: Sequence, event: EdgeWord): void {
    if (sequence.isEnded) return;
    try {
      sequence.apply(event);
      settle(sequence);
    } catch (error) {
      end(sequence, AdaedlError.from(error));
    }
  }

  return {
    info: thread.info,
    counts,
    get numSessions() {
      return sessions.size - queue.length;
    },
    get cacheBytesUsed() {
      return budget.usedBytes;
    },
    get numEvicted() {
      return numEvicted;
    },
    get numFreeSlots() {
      return budget.numFree;
    },
    get hasIdleSession() {
      return budget.hasIdle;
    },
    get numForwards() {
      return loop.numForwards;
    },

    open(start, signal) {
      const settled = () => settle(sequence);
      const sequence: Sequence = new Sequence(start, thread.info, counts, now, settled);
      const onAbort = () => end(sequence, AdaedlError.fromAbort(signal?.reason));
      try {
        admit(sequence, signal);
        signal?.addEventListener("abort", onAbort, { once: true, signal: sequence.ended });
      } catch (error) {
        sequence.end(AdaedlError.from(error));
      }
      return {
        offer: (offer) => tell(sequence, { type: "offer", offer }),
        cancel: () => tell(sequence, { type: "cancel" }),
        messages: sequence.outbox,
        close: () => end(sequence),
      };
    },
  };
}

function notHere(sessionId: string): AdaedlError {
  return new AdaedlError("not_found", `session ${sessionId} is not here: send its prefix`, {
    field: "session_id",
    value: sessionId,
  });
}
