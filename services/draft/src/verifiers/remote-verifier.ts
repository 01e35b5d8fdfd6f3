import { setTimeout as sleep } from "node:timers/promises";
import {
  AdaedlError,
  type TargetMessage,
  type Text,
  throwIfAborted,
  type Verifier,
  type VerifierSession,
} from "@adaedl/core";
import {
  type CallContext,
  type Open,
  toVerifierSession,
  type VerificationClient,
  type VerificationStream,
  type VerifyResponse,
} from "@adaedl/protocol";
import { type Logger, noTracer, type Tracer } from "@adaedl/telemetry";
import { checkedTopLogprobs } from "./checked-top-logprobs.ts";
import { createRecovery } from "./recovery.ts";
import type { VerifierPool } from "./verifier-pool.ts";

/** What a text asks of every verifier it meets; what is committed and the credit are filled in. */
export type SessionTerms = Omit<Open, "type" | "committedTokenIds" | "credit">;

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
  /** Each session has a span in the trace of `traceparent`. */
  readonly tracer?: Tracer | undefined;
  readonly traceparent?: string | undefined;
}

/** Message bytes of all sessions so far. */
export interface RemoteCosts {
  readonly bytesUp: number;
  /** Of `bytesUp`, those of offers. */
  readonly draftTokenBytesUp: number;
  readonly bytesDown: number;
}

/** The target model of one text, at a verifier somewhere. */
export interface RemoteVerifier extends Verifier {
  readonly costs: RemoteCosts;
}

/** A session, or the attempt to open one. */
interface Attempt {
  /** Undefined where none could be reached. */
  readonly verifier?: VerificationClient;
  readonly beganAt: number;
  /** Length of the text then. */
  readonly length: number;
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
): RemoteVerifier {
  const { tracer = noTracer, traceparent: parent, giveUpMs } = options;
  const { sessionId, promptTokenIds, numTopLogprobs } = terms;
  const { numTokenIds } = pool.description;
  const deadline = Date.now() + deadlineMs;
  const recovery = createRecovery(giveUpMs);
  let numOpened = 0;
  let attempt: Attempt = { beganAt: performance.now(), length: promptTokenIds.length };
  let stream: VerificationStream | undefined;
  /** Of the streams before it. */
  let spent: RemoteCosts = { bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 };
  let isFailing = false;

  function costsSoFar(): RemoteCosts {
    return {
      bytesUp: spent.bytesUp + (stream?.bytesUp ?? 0),
      draftTokenBytesUp: spent.draftTokenBytesUp + (stream?.offerBytesUp ?? 0),
      bytesDown: spent.bytesDown + (stream?.bytesDown ?? 0),
    };
  }

  /** Remembers what a failure says about the verifier. */
  function blame(verifier: VerificationClient, error: AdaedlError): void {
    const { code, message } = error;
    if (code === "failed_precondition") pool.exclude(verifier, error);
    // These two are about the session alone: the same verifier may be asked again.
    else if (code !== "not_found" && code !== "aborted") pool.failed(verifier);
    const facts = { sessionId, verifier: verifier.address, code, error: message };
    // Once for each trouble: it is tried again many times a second.
    logger[isFailing ? "debug" : "warn"](facts, "the verifier failed the session");
    isFailing = true;
  }

  /**
   * Waits until it is worth trying again.
   * @throws AdaedlError why the text is given up
   */
  async function recover(error: AdaedlError, length: number, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { verifier, beganAt, workedAt } = attempt;
    if (verifier !== undefined) blame(verifier, error);
    const hasCommitted = length > attempt.length;
    const failedAt = performance.now();
    const pauseMs = recovery.pauseAfter({ error, beganAt, failedAt, workedAt, hasCommitted });
    if (pauseMs === undefined) throw asOurs(error);
    if (pauseMs === 0) return;
    // Not all who lost the same verifier come back at the same time.
    const spreadMs = Math.random() * Math.min(pauseMs, longestSpreadMs);
    await sleep(pauseMs + spreadMs, undefined, { signal }).catch(() => throwIfAborted(signal));
  }

  function openSession(
    text: Text,
    credit: number,
    why: AdaedlError | undefined,
    signal: AbortSignal,
  ): VerifierSession {
    const { length } = text;
    const beganAt = performance.now();
    attempt = { beganAt, length };
    const verifier = pool.pick();
    const traceparent = tracer.reserve(parent);
    const committedTokenIds = text.tokenIds.slice(promptTokenIds.length);
    const open: Open = { type: "open", ...terms, committedTokenIds, credit };
    const opened = verifier.openStream(open, { deadline, traceparent });
    spent = costsSoFar();
    stream = opened;
    const current: Attempt = { verifier, beganAt, length };
    attempt = current;
    if (numOpened++ > 0) options.onReopen?.(why);
    const onResponse = ({ type }: VerifyResponse) => {
      if (type !== "finished") current.workedAt = performance.now();
    };
    const { openMs, roundMs } = options;
    const session = toVerifierSession(opened, {
      ...{ length, credit, openMs, roundMs, onResponse, signal },
    });

    let hasWorked = false;
    /** Only what the text took counts: a verifier may say what it likes. */
    function noteGrowth(): void {
      if (hasWorked || text.length === length) return;
      hasWorked = true;
      if (isFailing) logger.info({ sessionId, verifier: verifier.address }, "the session goes on");
      isFailing = false;
      pool.worked(verifier); // once: one that drains still works for those it has
    }
    async function* receiveAll(): AsyncGenerator<TargetMessage> {
      let error: AdaedlError | undefined;
      try {
        for await (const message of session.messages) {
          yield message.type === "commit" ? withSoundFacts(message) : message;
          noteGrowth();
        }
      } catch (thrown) {
        error = AdaedlError.from(thrown);
        throw thrown;
      } finally {
        noteGrowth();
        tracer.record("adaedl.v2.Verification/Verify", {
          ...{ parent, traceparent, kind: "client", error },
          attributes: { "rpc.system": "grpc", "server.address": verifier.address },
          durationMs: performance.now() - beganAt,
        });
      }
    }
    return { ...session, messages: receiveAll() };
  }

  function withSoundFacts(message: Extract<TargetMessage, { type: "commit" }>): TargetMessage {
    const { facts } = message;
    const topLogprobs = checkedTopLogprobs(facts.topLogprobs, numTopLogprobs, numTokenIds);
    return { ...message, facts: { ...facts, topLogprobs } };
  }

  return {
    async open(text, credit, why, signal) {
      let error = why;
      for (;;) {
        if (error !== undefined) await recover(error, text.length, signal);
        try {
          return openSession(text, credit, error, signal);
        } catch (thrown) {
          error = AdaedlError.from(thrown);
        }
      }
    },
    get costs() {
      return costsSoFar();
    },
  };
}

const longestSpreadMs = 1_000;

/**
 * What a client is told when no verifier would do. Who may ask the verifiers, and what they think of
 * the session, is between them and this service: only that they are busy is for the client to act on.
 */
function asOurs(error: AdaedlError): AdaedlError {
  if (error.code === "resource_exhausted" || error.code === "internal") return error;
  return new AdaedlError("unavailable", `no verifier could serve the request: ${error.message}`, {
    cause: error,
  });
}
