import { AdaedlError, type DraftToken, invalidField, Text, type TokenLogprob } from "@adaedl/core";
import type { ModelInfo, ModelThread, SlotSettings } from "@adaedl/runtime";
import {
  type AcceptanceGuard,
  createAcceptanceGuard,
  createDraftAllowance,
} from "./draft-allowance.ts";
import { createSlotBudget } from "./slot-budget.ts";
import { defaultStepLimits, type StepLimits } from "./step-former.ts";
import type { StepReport } from "./step-report.ts";
import { createStepScheduler } from "./step-scheduler.ts";
import { openTargetSession, type TargetSession } from "./target-session.ts";

/** A session as it is opened, or taken over from elsewhere. */
export interface SessionStart {
  readonly sessionId: string;
  /** Who pays: quotas and shares are counted per client. */
  readonly client: string;
  /** Milliseconds from now that the client waits for the whole session; absent: as long as it takes. */
  readonly deadlineMs?: number | undefined;
  readonly settings: SlotSettings;
  /** Prompt and what is committed already; at least one token. */
  readonly sequence: readonly number[];
  /** Number of the first round. */
  readonly nextRound: number;
}

/** A round to be judged. Who sends it says on which text it builds. */
export interface RoundRequest {
  readonly sessionId: string;
  readonly round: number;
  /** Length and hash (`Text`) of the text before the first guess. */
  readonly committedLength: number;
  readonly committedHash: bigint;
  readonly guesses: readonly DraftToken[];
  /** Tokens to decode plainly after the verdict, each with an answer and a round number of its own. */
  readonly numPlainTokens: number;
}

/** What became of opening a session. Times in milliseconds. */
export interface SessionOpened {
  readonly queueMs: number;
  readonly verifyMs: number;
  readonly numForwards: number;
  readonly maxDraftLength: number;
}

/** The verdict on a round. */
export interface RoundAnswer {
  readonly round: number;
  readonly numAccepted: number;
  readonly nextTokenId: number;
  readonly committedLength: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  readonly batchSize: number;
  /** Longest draft of the session's next round. */
  readonly maxDraftLength: number;
  /** [numAccepted + 1], or empty where not asked for; so are the most probable tokens'. */
  readonly logprobs: readonly number[];
  readonly topLogprobs: readonly (readonly TokenLogprob[])[];
}

export interface TargetEngineOptions {
  readonly step?: StepLimits;
  /** Bytes of all sessions' rows together. */
  readonly cacheBytes: number;
  readonly maxSessions: number;
  readonly longestDraft: number;
  /** Told about each step as it begins; must not throw. */
  readonly onStep?: ((report: StepReport) => void) | undefined;
}

/** Many sessions on one target model. */
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
  /** Longest draft that any session may send at the moment. */
  readonly maxDraftLength: number;
  /**
   * Opens a session and computes its rows.
   * @throws AdaedlError `resource_exhausted` when there is no room even for a session that waits
   */
  open(start: SessionStart, signal?: AbortSignal): Promise<SessionOpened>;
  /**
   * Judges a round; then, as far as asked for, decodes on by itself.
   * @throws AdaedlError `not_found` when the session is not here (any more), `aborted` when the round
   *   is not the one expected or builds on another text; both ask for the prefix again
   */
  verify(request: RoundRequest, signal?: AbortSignal): AsyncGenerator<RoundAnswer>;
  /** Forgets a session; nothing happens when it is not here. */
  close(sessionId: string): void;
}

interface Session {
  readonly target: TargetSession;
  readonly text: Text;
  readonly guard: AcceptanceGuard;
  nextRound: number;
  isBusy: boolean;
  /** The last round, and the plain run after it. */
  last?: { readonly fence: string; readonly answers: RoundAnswer[] };
}

/** Sessions on `thread`, which the engine does not close. */
export function createTargetEngine(
  thread: ModelThread,
  options: TargetEngineOptions,
): TargetEngine {
  const { step = defaultStepLimits, longestDraft } = options;
  const allowance = createDraftAllowance(longestDraft);
  // Full steps are what they are for; a second step's worth of sessions that wait is load, and a
  // session that is alone is none.
  const scheduler = createStepScheduler(thread, step, (report) => {
    allowance.observe((report.numSlots + report.numWaiting - 1) / (2 * step.maxSlots));
    options.onStep?.(report);
  });
  const budget = createSlotBudget({ ...options, ...thread.info });
  const sessions = new Map<string, Session>();
  /** Names of those that have no slot yet. */
  const opening = new Set<string>();
  let numEvicted = 0;

  function close(sessionId: string): void {
    const session = sessions.get(sessionId);
    sessions.delete(sessionId);
    opening.delete(sessionId);
    budget.free(sessionId);
    session?.target.close().catch(() => {}); // a thread that is gone has nothing left to close
  }

  function reserve(sessionId: string, length: number): void {
    for (const evicted of budget.reserve(sessionId, length)) {
      numEvicted++;
      close(evicted);
    }
  }

  function answerOf(
    session: Session,
    round: number,
    verdict: Awaited<ReturnType<TargetSession["judge"]>>,
  ): RoundAnswer {
    const { queueMs, forwardMs, batchSize } = session.target.timing;
    return {
      round,
      numAccepted: verdict.numAccepted,
      nextTokenId: verdict.nextTokenId,
      committedLength: session.text.length,
      queueMs,
      verifyMs: forwardMs,
      batchSize,
      maxDraftLength: session.guard.limit(allowance.current),
      logprobs: verdict.logprobs ?? [],
      topLogprobs: verdict.topLogprobs ?? [],
    };
  }

  async function judge(
    sessionId: string,
    session: Session,
    guesses: readonly DraftToken[],
    signal: AbortSignal | undefined,
  ): Promise<RoundAnswer> {
    if (sessions.get(sessionId) !== session) throw notHere(sessionId); // closed during a plain run
    reserve(sessionId, session.text.length + guesses.length);
    const verdict = await session.target.judge(session.text.tokenIds, guesses, signal);
    const { numAccepted, nextTokenId } = verdict;
    for (const { tokenId } of guesses.slice(0, numAccepted)) session.text.append(tokenId);
    session.text.append(nextTokenId);
    session.guard.observe(guesses.length, numAccepted);
    return answerOf(session, session.nextRound++, verdict);
  }

  return {
    info: thread.info,
    get numSessions() {
      return sessions.size;
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
    get maxDraftLength() {
      return allowance.current;
    },

    async open({ sessionId, client, deadlineMs, settings, sequence, nextRound }, signal) {
      const deadlineAt = performance.now() + (deadlineMs ?? Number.POSITIVE_INFINITY);
      if (sessions.has(sessionId) || opening.has(sessionId))
        throw invalidField("session_id", sessionId, "must not be in use");
      reserve(sessionId, sequence.length);
      opening.add(sessionId);
      let session: Session | undefined;
      try {
        const caller = { client, deadlineAt };
        const target = await openTargetSession(scheduler.as(caller), settings, signal);
        if (!opening.delete(sessionId)) {
          await target.close();
          throw notHere(sessionId);
        }
        session = {
          target,
          text: new Text(sequence),
          guard: createAcceptanceGuard(),
          nextRound,
          isBusy: false,
        };
        sessions.set(sessionId, session);
        await target.prefill(sequence, signal);
      } catch (error) {
        close(sessionId);
        throw error;
      }
      const { queueMs, forwardMs } = session.target.timing;
      return {
        queueMs,
        verifyMs: forwardMs,
        numForwards: session.target.numForwards,
        maxDraftLength: allowance.current,
      };
    },

    async *verify(request, signal) {
      const { sessionId, guesses, numPlainTokens } = request;
      const session = sessions.get(sessionId);
      if (session === undefined) throw notHere(sessionId);
      const fence = fenceOf(request);
      if (session.last?.fence === fence) {
        yield* session.last.answers; // the same question once more
        return;
      }
      checkFence(request, session);
      session.isBusy = true;
      budget.hold(sessionId);
      try {
        const answers = [await judge(sessionId, session, guesses, signal)];
        session.last = { fence, answers };
        yield* answers;
        while (answers.length <= numPlainTokens) {
          const answer = await judge(sessionId, session, [], signal);
          answers.push(answer);
          yield answer;
        }
      } finally {
        session.isBusy = false;
        budget.release(sessionId);
      }
    },

    close,
  };
}

function notHere(sessionId: string): AdaedlError {
  return new AdaedlError("not_found", `session ${sessionId} is not here: send its prefix`, {
    field: "session_id",
    value: sessionId,
  });
}

/** What makes a round the same round. */
function fenceOf(request: RoundRequest): string {
  const { round, committedLength, committedHash, guesses, numPlainTokens } = request;
  const tokenIds = guesses.map(({ tokenId }) => tokenId);
  return [round, committedLength, committedHash, numPlainTokens, ...tokenIds].join();
}

function checkFence({ round, committedLength, committedHash }: RoundRequest, session: Session) {
  const { nextRound, text } = session;
  const aborted = (field: string, value: unknown, expected: unknown) =>
    new AdaedlError("aborted", `${field} must be ${expected}, got ${value}`, { field, value });
  if (session.isBusy) throw aborted("round", round, "sent after the verdict on the last one");
  if (round !== nextRound) throw aborted("round", round, nextRound);
  if (committedLength !== text.length)
    throw aborted("committed_length", committedLength, text.length);
  if (committedHash !== text.fence().hash)
    throw aborted("committed_hash", committedHash, "of the text that was committed here");
}
