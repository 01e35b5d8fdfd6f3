import { setTimeout as sleep } from "node:timers/promises";
import {
  AdaedlError,
  type ErrorCode,
  type Text,
  throwIfAborted,
  type Verifier,
  type VerifierSession,
} from "@adaedl/core";
import type { CallContext, Open, Traffic, VerificationClient } from "@adaedl/protocol";
import type { Logger, Tracer } from "@adaedl/telemetry";
import { createRecovery } from "./recovery.ts";
import { openRemoteSession } from "./remote-session.ts";
import type { VerifierPool } from "./verifier-pool.ts";

/** What a text asks of every verifier it meets; what is committed, its numerics and the credit are filled in. */
export type SessionTerms = Omit<Open, "type" | "committedTokenIds" | "numerics" | "credit">;

export interface RemoteTimeouts {
  /** How long a verifier may send neither the answer to Open nor progress: admission, and the prefix. */
  readonly openMs: number;
  /** Afterwards, while the text is shorter than the credit. */
  readonly roundMs: number;
  /** How long a text is tried without progress, there and elsewhere, before the request fails. */
  readonly giveUpMs: number;
}

export interface RemoteOptions extends RemoteTimeouts {
  /** The text goes on with its whole prefix sent again. @param why what ended its last session */
  readonly onReopen?: (why: AdaedlError | undefined) => void;
  /** A verifier sent a message that says nothing new. */
  readonly onStray?: () => void;
  /** Each session has a span in the trace of `traceparent`. */
  readonly tracer?: Tracer | undefined;
  readonly traceparent?: string | undefined;
  /** Where the bytes of all sessions are counted. */
  readonly traffic?: Traffic | undefined;
}

/** A session, or the attempt to open one. */
interface Attempt {
  readonly beganAt: number;
  /** Length of the text then. */
  readonly length: number;
  /** Undefined where none could be reached. */
  verifier?: VerificationClient;
  /** When the target was last at work. */
  workedAt?: number;
}

/**
 * A verifier for one text. When a session is forgotten, fails or vanishes, the text goes on at the next
 * verifier, which is sent the whole prefix. What was committed stays, and nobody is asked for it again,
 * so that the text is what it would have been.
 */
export function openRemoteVerifier(
  pool: VerifierPool,
  terms: SessionTerms,
  options: RemoteOptions,
  logger: Logger,
  { deadlineMs = Number.POSITIVE_INFINITY }: Pick<CallContext, "deadlineMs">,
): Verifier {
  const deadline = Date.now() + deadlineMs;
  const recovery = createRecovery(options.giveUpMs);
  const reputation = createReputation(pool, terms.sessionId, logger);
  let attempt: Attempt | undefined;
  /** Of the target that committed last, where it named them: a text without committed tokens depends on none. */
  let numerics = "";

  /**
   * Waits until it is worth trying again.
   * @throws AdaedlError why the text is given up
   */
  async function recover(failed: Attempt, error: AdaedlError, text: Text, signal: AbortSignal) {
    throwIfAborted(signal);
    if (failed.verifier !== undefined) reputation.failed(failed.verifier, error);
    const hasCommitted = text.length > failed.length;
    const failedAt = performance.now();
    const pauseMs = recovery.pauseAfter({ ...failed, error, failedAt, hasCommitted }, pool);
    if (pauseMs === undefined) throw asOurs(error);
    if (pauseMs === 0) return;
    // Not all who lost the same verifier come back at the same time.
    const spreadMs = Math.random() * Math.min(pauseMs, longestSpreadMs);
    const waitMs = Math.min(pauseMs + spreadMs, deadline - Date.now());
    await sleep(waitMs, undefined, { signal }).catch(() => throwIfAborted(signal));
  }

  function tryToOpen(text: Text, credit: number, signal: AbortSignal): VerifierSession {
    const current: Attempt = { beganAt: performance.now(), length: text.length };
    attempt = current;
    const verifier = pool.pick();
    const committedTokenIds = text.tokenIds.slice(terms.promptTokenIds.length);
    const open: Open = { type: "open", ...terms, numerics, committedTokenIds, credit };
    let numericsThere = "";
    const session = openRemoteSession(
      verifier,
      open,
      text,
      {
        ...options,
        deadline,
        numTokenIds: pool.description.numTokenIds,
        onWork() {
          current.workedAt = performance.now();
        },
        onOpened(there) {
          numericsThere = there;
        },
        onGrowth() {
          numerics = numericsThere || numerics;
          reputation.worked(verifier);
        },
      },
      signal,
    );
    current.verifier = verifier;
    return session;
  }

  let numOpened = 0;
  return {
    async open(text, credit, why, signal) {
      for (let error = why; ; ) {
        if (error !== undefined && attempt) await recover(attempt, error, text, signal);
        try {
          const session = tryToOpen(text, credit, signal);
          if (numOpened++ > 0) options.onReopen?.(error);
          return session;
        } catch (thrown) {
          error = AdaedlError.from(thrown);
        }
      }
    },
  };
}

const longestSpreadMs = 1_000;

/** What a text's sessions say about verifiers: for the pool, and once for each trouble for the log. */
function createReputation(pool: VerifierPool, sessionId: string, logger: Logger) {
  let isFailing = false;
  return {
    failed(verifier: VerificationClient, error: AdaedlError): void {
      const { code, message, field } = error;
      // These are about the session alone: the same verifier may be asked again, and by texts of its own numerics.
      const isOfSession = code === "not_found" || code === "aborted" || field === "numerics";
      if (code === "failed_precondition" && !isOfSession) pool.exclude(verifier, error);
      else if (!isOfSession) pool.failed(verifier);
      const facts = { sessionId, verifier: verifier.address, code, error: message };
      // It is tried again many times a second.
      logger[isFailing ? "debug" : "warn"](facts, "the verifier failed the session");
      isFailing = true;
    },
    /** The text grew. A verifier that drains still works for the sessions it has. */
    worked(verifier: VerificationClient): void {
      if (isFailing) logger.info({ sessionId, verifier: verifier.address }, "the session goes on");
      isFailing = false;
      pool.worked(verifier);
    },
  };
}

/** What a client is told as it is: that verifiers are busy or broken, or what is wrong with its request. */
const ours: readonly ErrorCode[] = [
  "resource_exhausted",
  "internal",
  "invalid_argument",
  "out_of_range",
];

/**
 * What a client is told when no verifier would do. Who may ask the verifiers, and what else they think of
 * the session, is between them and this service.
 */
function asOurs(error: AdaedlError): AdaedlError {
  if (ours.includes(error.code)) return error;
  return new AdaedlError("unavailable", `no verifier could serve the request: ${error.message}`, {
    cause: error,
  });
}
