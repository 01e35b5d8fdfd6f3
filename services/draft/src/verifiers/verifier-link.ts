import { AdaedlError, type DraftEndReason, type DraftToken, type Round } from "@adaedl/core";
import {
  createPatience,
  type Open,
  type Opened,
  type VerdictMessage,
  type VerificationClient,
  type VerifyRequest,
} from "@adaedl/protocol";

/** How long a verifier may be silent: send neither the answer nor progress. */
export interface LinkTimeouts {
  /** After Open: admission, and computing the prefix. */
  readonly openMs: number;
  /** After the end of a draft, until its verdict. */
  readonly roundMs: number;
}

/** Called when messages arrive from a verifier. */
export interface LinkEvents {
  /** The verifier has taken the session. */
  onOpened(opened: Opened): void;
  /** The target has completed forwards, and the answer is still to come. */
  onProgress(): void;
}

export interface LinkOptions extends LinkTimeouts {
  /** Until when the session is of use, as `Date.now()` counts; infinite where nobody said. */
  readonly deadline: number;
  /** Of the trace the session belongs to. */
  readonly traceparent?: string | undefined;
}

/** One stream to one verifier, from Open until it fails or is closed. */
export interface VerifierLink {
  readonly verifier: VerificationClient;
  readonly bytesUp: number;
  readonly guessBytesUp: number;
  readonly bytesDown: number;
  /** The last round that was asked for: rounds up to it need not be asked for again. */
  readonly askedThrough: number;
  /** Sends a guess. Never throws: what went wrong with the stream is what `verdict` throws. */
  sendGuess(round: number, guess: DraftToken): Promise<void>;
  /** Asks for the verdict, and for the plain tokens after it. Never throws either. */
  endDraft(
    round: Round,
    reason: DraftEndReason | undefined,
    traceparent: string | undefined,
  ): Promise<void>;
  /**
   * The verdict on a round, waited for as long as the target is at work; answers to other rounds are
   * late or doubled, and dropped.
   * @throws AdaedlError what the stream ended with, or `deadline_exceeded`
   */
  verdict(round: number): Promise<VerdictMessage>;
  /** Ends the session. */
  close(): void;
  /** Lets go of a stream that failed. */
  reset(): void;
}

/**
 * Opens a stream and sends Open, without waiting for an answer: guesses may follow at once.
 */
export function openVerifierLink(
  verifier: VerificationClient,
  open: Open,
  { openMs, roundMs, deadline, traceparent }: LinkOptions,
  { onOpened, onProgress }: LinkEvents,
  signal: AbortSignal,
): VerifierLink {
  const stream = verifier.openStream({ deadline, traceparent });
  const patience = createPatience(signal);
  const onAbort = () => stream.close();
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const silence = `the verifier ${verifier.address} sent neither an answer nor progress`;
  let isOpened = false;
  let askedThrough = open.nextRound - 1;

  async function send(message: VerifyRequest): Promise<void> {
    try {
      await stream.send(message, patience.signal);
    } catch {
      // The stream is at its end, and receiving will tell why.
    }
  }
  void send(open);

  async function receive(wanted: "opened" | "verdict", timeoutMs: number) {
    const next = () => patience.wait(timeoutMs, silence, () => stream.receive(patience.signal));
    let message = await next();
    while (message?.type === "progress") {
      onProgress();
      message = await next();
    }
    if (message?.type === wanted) return message;
    const got = message?.type ?? "the end of the stream";
    throw new AdaedlError("unavailable", `${wanted} was expected from the verifier, got ${got}`);
  }

  function release(): void {
    signal.removeEventListener("abort", onAbort);
    patience.end(new AdaedlError("cancelled", "the link was closed"));
  }

  return {
    verifier,
    get bytesUp() {
      return stream.bytesUp;
    },
    get guessBytesUp() {
      return stream.guessBytesUp;
    },
    get bytesDown() {
      return stream.bytesDown;
    },
    get askedThrough() {
      return askedThrough;
    },
    sendGuess: (round, token) => send({ type: "draftToken", round, token }),
    async endDraft({ number: round, text, numPlainTokens }, reason, traceparent) {
      const { length, hash } = text.fence();
      askedThrough = round + numPlainTokens;
      await send({
        type: "endOfDraft",
        round,
        committedLength: length,
        committedHash: hash,
        reason,
        numPlainTokens,
        traceparent,
      });
    },
    async verdict(round) {
      if (!isOpened) {
        onOpened((await receive("opened", openMs)) as Opened);
        isOpened = true;
      }
      for (;;) {
        const verdict = (await receive("verdict", roundMs)) as VerdictMessage;
        if (verdict.round === round) return verdict;
      }
    },
    close() {
      release();
      stream.close();
    },
    reset() {
      release();
      stream.reset();
    },
  };
}
