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
import { defaultStepLimits } from "../step-former.ts";
import { Room, type RoomOptions } from "./room.ts";
import { type EdgeWord, Sequence } from "./sequence.ts";
import { StepLoop, type StepLoopOptions } from "./step-loop.ts";
import { SuffixDrafters, type SuffixLimits } from "./suffix-drafters.ts";
import { checkTextStart, type TextStart } from "./text-start.ts";

export interface TargetEngineOptions
  extends Partial<StepLoopOptions>,
    Pick<RoomOptions, "cacheBytes" | "maxSessions" | "maxWaiting"> {
  /** Absent: edges alone draft. */
  readonly suffix?: SuffixLimits | undefined;
}

/** Many texts on one target model. */
export class TargetEngine {
  /** Draft tokens and commits of all sessions so far. */
  readonly counts: Readonly<TargetCounts> = newTargetCounts();
  /** The model's thread, which the engine does not close. */
  readonly #thread: ModelThread;
  readonly #now: () => number;
  readonly #sequences = new Map<string, Sequence>();
  readonly #room: Room;
  readonly #loop: StepLoop;
  readonly #suffix?: SuffixDrafters;

  constructor(thread: ModelThread, options: TargetEngineOptions) {
    const { step = defaultStepLimits, longestDraft = longestDraftLength, onStep } = options;
    const { forwardPriceMs = 0, now = () => performance.now() } = options;
    this.#thread = thread;
    this.#now = now;
    if (options.suffix?.textTokens) this.#suffix = new SuffixDrafters(options.suffix, now);
    const end = (sequence: Sequence, error: AdaedlError) => this.#end(sequence, error);
    this.#room = new Room(
      { ...options, ...thread.info, now },
      {
        admitted: (sequence) => void this.#openSlot(sequence),
        evicted: (sequence) => end(sequence, notHere(sequence.start.sessionId)),
        refused: end,
      },
    );
    this.#loop = new StepLoop(
      thread,
      { step, longestDraft, forwardPriceMs, onStep, now },
      {
        reserve: (sequence, numRows) => this.#room.reserve(sequence, numRows),
        settle: (sequence) => this.#settle(sequence),
        end,
        lost: (error) => {
          for (const sequence of this.#sequences.values()) end(sequence, error);
        },
      },
    );
  }

  get info(): ModelInfo {
    return this.#thread.info;
  }

  /** Those that have room. */
  get numSessions(): number {
    return this.#sequences.size - this.#room.numWaiting;
  }

  get cacheBytesUsed(): number {
    return this.#room.usedBytes;
  }

  /** Sessions whose rows were given to others. */
  get numEvicted(): number {
    return this.#room.numEvicted;
  }

  /** Sessions that could be opened without closing another, as far as their number goes. */
  get numFreeSlots(): number {
    return this.#room.numFree;
  }

  /** Steps completed. */
  get numForwards(): number {
    return this.#loop.numForwards;
  }

  /** Whether a session of this client would get a slot, though at the cost of another one. */
  hasRoomFor(client: string): boolean {
    return this.#room.hasRoomFor(client);
  }

  /**
   * Begins to compute and decode a text. `opened` is said when all of `tokenIds` but the last are computed,
   * then each forward is a commit.
   *
   * What `messages` ends with where something goes wrong: `invalid_argument` or `out_of_range` for a start
   * or an offer that breaks a rule, `resource_exhausted` with a time to wait where there is no room for it
   * and none to wait,
   * `not_found` when the rows were given to others, `aborted` for an
   * offer on another text, `unavailable` when the model's thread is gone, and what the signal says. After
   * all of them the text can be opened again with what is committed.
   */
  open(start: TextStart, signal?: AbortSignal): VerifierSession {
    const settled = () => this.#settle(sequence);
    const suffix = this.#suffix;
    const sequence: Sequence = new Sequence(
      start,
      this.info,
      this.counts,
      this.#now,
      settled,
      suffix && ((...of) => suffix.open(...of)),
    );
    const onAbort = () => this.#end(sequence, AdaedlError.fromAbort(signal?.reason));
    try {
      this.#admit(sequence, signal);
      signal?.addEventListener("abort", onAbort, { once: true, signal: sequence.ended });
    } catch (error) {
      sequence.end(AdaedlError.from(error));
    }
    return {
      offer: (offer) => this.#tell(sequence, { type: "offer", offer }),
      cancel: () => this.#tell(sequence, { type: "cancel" }),
      messages: sequence.outbox,
      close: () => this.#end(sequence),
    };
  }

  #admit(sequence: Sequence, signal: AbortSignal | undefined): void {
    const { start } = sequence;
    throwIfAborted(signal);
    checkTextStart(start, this.info);
    if (this.#sequences.has(start.sessionId))
      throw invalidField("session_id", start.sessionId, "must not be in use");
    this.#sequences.set(start.sessionId, sequence);
    try {
      this.#room.enter(sequence);
    } catch (error) {
      this.#sequences.delete(start.sessionId);
      throw error;
    }
  }

  async #openSlot(sequence: Sequence): Promise<void> {
    try {
      const slotId = await this.#thread.openSlot(sequence.start.settings);
      if (sequence.isEnded) this.#closeSlot(slotId);
      else {
        sequence.attach(slotId);
        this.#settle(sequence);
      }
    } catch (error) {
      this.#end(sequence, AdaedlError.from(error));
    }
  }

  /** A thread that is gone has nothing left to close. */
  #closeSlot(slotId: number | undefined): void {
    if (slotId !== undefined) this.#thread.closeSlot(slotId).catch(() => {});
  }

  /** Tells a sequence something, unless it has ended. */
  #tell(sequence: Sequence, event: EdgeWord): void {
    if (sequence.isEnded) return;
    try {
      sequence.apply(event);
      this.#settle(sequence);
    } catch (error) {
      this.#end(sequence, AdaedlError.from(error));
    }
  }

  /** Something has happened that may change what the sequence can do. */
  #settle(sequence: Sequence): void {
    if (sequence.isFinished) this.#end(sequence);
    else if (sequence.canRun) {
      this.#room.work(sequence);
      this.#loop.wake(sequence);
    } else if (sequence.waitsForEdge) this.#room.rest(sequence);
  }

  #end(sequence: Sequence, error?: AdaedlError): void {
    if (sequence.isEnded) return;
    const { start, text, isFinished } = sequence;
    if (isFinished) this.#suffix?.keep(text, start);
    this.#sequences.delete(start.sessionId);
    this.#room.leave(sequence);
    this.#closeSlot(sequence.end(error));
    this.#room.letIn();
  }
}

function notHere(sessionId: string): AdaedlError {
  return new AdaedlError("not_found", `session ${sessionId} is not here: send its prefix`, {
    field: "session_id",
    value: sessionId,
  });
}
