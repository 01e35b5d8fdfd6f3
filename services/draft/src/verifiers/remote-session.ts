import {
  AdaedlError,
  type DraftToken,
  type Round,
  type RoundVerdict,
  throwIfAborted,
  type Verifier,
} from "@adaedl/core";
import type { CallContext, Open, Opened, VerdictMessage } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import { checkedTopLogprobs } from "./checked-top-logprobs.ts";
import { recover } from "./recovery.ts";
import { type LinkTimeouts, openVerifierLink, type VerifierLink } from "./verifier-link.ts";
import type { VerifierPool } from "./verifier-pool.ts";

/** What a session asks of every verifier it meets; prefix and round are filled in. */
export type SessionTerms = Omit<Open, "type" | "committedTokenIds" | "nextRound">;

export interface RemoteTimeouts extends LinkTimeouts {
  /** How long a round is tried without progress, there and elsewhere, before the request fails. */
  readonly giveUpMs: number;
}

export interface RemoteOptions extends RemoteTimeouts {
  /** The session goes on with its whole prefix sent again. @param why what ended its last stream */
  readonly onReopen?: (why: AdaedlError | undefined) => void;
  /** Of the trace the session belongs to. */
  readonly traceparent?: string | undefined;
}

/** What a session has cost so far. */
export interface RemoteCosts {
  readonly numForwards: number;
  readonly numRoundTrips: number;
  readonly numReopened: number;
  readonly bytesUp: number;
  readonly guessBytesUp: number;
  readonly bytesDown: number;
  readonly queueMs: number;
  readonly verifyMs: number;
}

/** The target model, at a verifier somewhere. */
export interface RemoteSession extends Verifier, AsyncDisposable {
  /** @param traceparent of the trace that the verifier's part of the round belongs to */
  verify(
    ...round: [...Parameters<Verifier["verify"]>, traceparent?: string]
  ): Promise<RoundVerdict>;
  /** Whether the verifier was asked for a round already, as it is for those of a plain run. */
  isAsked(round: number): boolean;
  readonly numForwards: number;
  readonly costs: RemoteCosts;
}

/**
 * Opens a session at a verifier, without waiting for it. The session lives as long as it is not
 * closed: when its verifier forgets it, fails or vanishes, the same round is asked of the next one,
 * which is sent the whole prefix. Nothing that was committed is ever asked twice, and an answer counts
 * only for the round it was given to, so that the text is what it would have been.
 */
export function openRemoteSession(
  pool: VerifierPool,
  terms: SessionTerms,
  options: RemoteOptions,
  logger: Logger,
  { signal, deadlineMs = Number.POSITIVE_INFINITY }: CallContext,
): RemoteSession {
  const { numTokenIds } = pool.description;
  const linkOptions = { ...options, deadline: Date.now() + deadlineMs };
  const costs = { numForwards: 0, numRoundTrips: 0, numReopened: 0 };
  /** Of links that were dropped. */
  const bytes = { bytesUp: 0, guessBytesUp: 0, bytesDown: 0 };
  const times = { ...noTime };
  /** Of prefixes computed since the last verdict: its round waited for them too. */
  let opening = noTime;
  const closing = new AbortController();
  const ended = AbortSignal.any([signal, closing.signal]);
  let numLinks = 0;
  let progressAt = Number.NEGATIVE_INFINITY;
  let lastFailure: AdaedlError | undefined;

  function openLink(tokenIds: readonly number[], nextRound: number): VerifierLink {
    const verifier = pool.pick();
    if (numLinks++ > 0) {
      costs.numReopened++;
      options.onReopen?.(lastFailure);
    }
    const committedTokenIds = tokenIds.slice(terms.promptTokenIds.length);
    const open: Open = { type: "open", ...terms, committedTokenIds, nextRound };
    const onProgress = () => {
      progressAt = performance.now();
    };
    const onOpened = ({ numForwards, queueMs, verifyMs }: Opened) => {
      onProgress();
      costs.numForwards += numForwards;
      times.queueMs += queueMs;
      times.verifyMs += verifyMs;
      opening = { queueMs: opening.queueMs + queueMs, verifyMs: opening.verifyMs + verifyMs };
    };
    return openVerifierLink(verifier, open, linkOptions, { onOpened, onProgress }, ended);
  }

  // At once, so that the prompt is computed there while the first draft comes about here.
  let link: VerifierLink | undefined;
  try {
    link = openLink(terms.promptTokenIds, 0);
  } catch {
    // There is none to be had at the moment: the first round tries again, and says why.
  }

  function bytesSoFar() {
    return {
      bytesUp: bytes.bytesUp + (link?.bytesUp ?? 0),
      guessBytesUp: bytes.guessBytesUp + (link?.guessBytesUp ?? 0),
      bytesDown: bytes.bytesDown + (link?.bytesDown ?? 0),
    };
  }

  let isFailing = false;
  /** The last link that answered. */
  let workingLink: VerifierLink | undefined;

  function dropLink(how: "close" | "reset"): void {
    if (link === undefined) return;
    const dropped = link;
    dropped[how]();
    Object.assign(bytes, bytesSoFar());
    link = undefined;
  }

  /** Puts a failed link aside, and remembers what it says about its verifier. */
  function fail(error: AdaedlError): void {
    if (link === undefined) return;
    lastFailure = error;
    const { verifier } = link;
    const { sessionId } = terms;
    const facts = { sessionId, verifier: verifier.address, code: error.code, error: error.message };
    // Once for each trouble: it is tried again many times a second.
    if (!ended.aborted)
      logger[isFailing ? "debug" : "warn"](facts, "the verifier failed the session");
    isFailing = true;
    dropLink("reset");
    if (error.code === "failed_precondition") pool.exclude(verifier, error);
    // These two are about the session alone: the same verifier may be asked again.
    else if (error.code !== "not_found" && error.code !== "aborted") pool.failed(verifier);
  }

  const isAsked = (round: number) => round <= (link?.askedThrough ?? -1);

  async function verify(
    round: Round,
    draft: Parameters<Verifier["verify"]>[1],
    roundSignal?: AbortSignal,
    traceparent?: string,
  ): Promise<RoundVerdict> {
    const guesses: DraftToken[] = [];
    for await (const guess of draft) {
      guesses.push(guess);
      await link?.sendGuess(round.number, guess);
    }
    if (!isAsked(round.number)) {
      costs.numRoundTrips++;
      await link?.endDraft(round, draft.endReason, traceparent);
    }

    async function attempt(): Promise<VerdictMessage> {
      throwIfAborted(roundSignal);
      throwIfAborted(ended);
      try {
        if (link === undefined) {
          link = openLink(round.text.tokenIds, round.number);
          for (const guess of guesses) await link.sendGuess(round.number, guess);
          await link.endDraft(round, draft.endReason, traceparent);
        }
        const verdict = await link.verdict(round.number);
        checkVerdict(verdict, round, guesses.length, numTokenIds);
        if (link !== workingLink) {
          workingLink = link;
          if (isFailing)
            logger.info(
              { sessionId: terms.sessionId, verifier: link.verifier.address },
              "the session goes on",
            );
          isFailing = false;
          pool.worked(link.verifier); // once: one that drains still works for those it has
        }
        return verdict;
      } catch (thrown) {
        const error = AdaedlError.from(thrown);
        fail(error);
        throw error;
      }
    }
    const { giveUpMs } = options;
    const recovery = { giveUpMs, progressAt: () => progressAt, signal: ended };
    const verdict = await recover(attempt, recovery).catch((error) => {
      throw ended.aborted ? AdaedlError.fromAbort(ended.reason) : asOurs(error);
    });
    costs.numForwards++;
    times.queueMs += verdict.queueMs;
    times.verifyMs += verdict.verifyMs;
    const timing = {
      queueMs: opening.queueMs + verdict.queueMs,
      verifyMs: opening.verifyMs + verdict.verifyMs,
    };
    opening = noTime;
    const { numAccepted, nextTokenId, maxDraftLength, logprobs } = verdict;
    const topLogprobs = checkedTopLogprobs(verdict, terms.numTopLogprobs, numTokenIds);
    return { numAccepted, nextTokenId, maxDraftLength, logprobs, topLogprobs, timing };
  }

  return {
    verify,
    isAsked,
    get numForwards() {
      return costs.numForwards;
    },
    get costs() {
      return { ...costs, ...times, ...bytesSoFar() };
    },
    async [Symbol.asyncDispose]() {
      dropLink("close");
      closing.abort(new AdaedlError("cancelled", "the session was closed"));
    },
  };
}

const noTime = { queueMs: 0, verifyMs: 0 };

/** A verifier that answers nonsense is a verifier that failed. */
function checkVerdict(
  { numAccepted, nextTokenId, committedLength }: VerdictMessage,
  round: Round,
  numDrafted: number,
  numTokenIds: number,
): void {
  const expectedLength = round.text.length + numAccepted + 1;
  if (numAccepted <= numDrafted && committedLength === expectedLength && nextTokenId < numTokenIds)
    return;
  throw new AdaedlError(
    "internal",
    `the verifier accepted ${numAccepted} of ${numDrafted} guesses, chose token ${nextTokenId} and says that ${committedLength} tokens are committed, not ${expectedLength}`,
  );
}

/**
 * What a client is told when no verifier would do. Who may ask the verifiers, and what they think of
 * the session, is between them and this service: only that they are busy is for the client to act on.
 */
function asOurs(thrown: unknown): AdaedlError {
  const error = AdaedlError.from(thrown);
  if (error.code === "resource_exhausted" || error.code === "internal") return error;
  return new AdaedlError("unavailable", `no verifier could serve the request: ${error.message}`, {
    cause: error,
  });
}
