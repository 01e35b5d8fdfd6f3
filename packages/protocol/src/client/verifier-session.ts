import { AdaedlError, type TargetMessage, type VerifierSession } from "@adaedl/core";
import type { VerifyResponse } from "../verification/messages.ts";
import type { VerificationStream } from "./verification-client.ts";

/** Messages in a row that say nothing new: a verifier that sends more is broken. */
const maxStrays = 64;
/** Verifiers report progress four times a second; what comes in shorter intervals than this is stray. */
const minProgressMs = 50;

/** What a session begins with, and for how long the verifier may send nothing new: it has failed then. */
export interface SessionOptions {
  /** Length of the text that the stream was opened with, and the credit. */
  readonly length: number;
  readonly credit: number;
  /** Until the prefix is computed: no message for so long, progress included. */
  readonly openMs: number;
  /** Afterwards, while the text is shorter than the credit: without credit there is nothing to say. */
  readonly roundMs: number;
  /** Called with every message, progress among them. @param isStray whether it says nothing new */
  readonly onResponse?: ((response: VerifyResponse, isStray: boolean) => void) | undefined;
  /** Ends the session. */
  readonly signal?: AbortSignal | undefined;
}

/** The session at the other end of a stream. Progress is not passed on. */
export function toVerifierSession(
  stream: VerificationStream,
  { length, credit, openMs, roundMs, onResponse, signal }: SessionOptions,
): VerifierSession {
  const ending = new AbortController();
  const ended = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  let silence: NodeJS.Timeout | undefined;
  let committedLength = length;
  let givenCredit = credit;
  let isOpened = false;
  let isClosed = false;
  let progressAt = Number.NEGATIVE_INFINITY;
  let numStrays = 0;
  const isAwaited = () => !isOpened || committedLength < givenCredit;
  /** The wait begins: the verifier may send nothing new for so long. */
  function listen(): void {
    clearTimeout(silence);
    if (isClosed || !isAwaited()) return;
    const ms = isOpened ? roundMs : openMs;
    const why = `the verifier sent neither an answer nor progress for ${ms} ms`;
    silence = setTimeout(() => ending.abort(new AdaedlError("deadline_exceeded", why)), ms);
  }
  function close(): void {
    isClosed = true;
    clearTimeout(silence);
    ending.abort(new AdaedlError("cancelled", "the session was closed"));
    stream.close();
  }

  /** Whether the message says anything new. What does not must not prolong the wait. */
  function isNews(response: VerifyResponse): boolean {
    if (response.type === "finished") return true;
    if (response.type === "progress") {
      const now = performance.now();
      if (!isAwaited() || now - progressAt < minProgressMs) return false;
      progressAt = now;
      return true;
    }
    if (response.type === "opened") {
      const isFirst = !isOpened;
      isOpened = true;
      return isFirst;
    }
    const { position, tokenIds } = response.commit;
    const end = position + tokenIds.length;
    if (end <= committedLength) return false;
    committedLength = end;
    return true;
  }

  /** @throws AdaedlError `unavailable` after too many messages that say nothing new */
  function take(response: VerifyResponse): void {
    const isStray = !isNews(response);
    numStrays = isStray ? numStrays + 1 : 0;
    onResponse?.(response, isStray);
    if (numStrays > maxStrays)
      throw new AdaedlError(
        "unavailable",
        `the verifier sent ${numStrays} stray messages in a row`,
      );
    if (!isStray) listen();
  }

  async function* receiveAll(): AsyncGenerator<TargetMessage> {
    try {
      listen();
      for (;;) {
        const message = await stream.receive(ended);
        if (message === undefined)
          throw new AdaedlError("unavailable", "the verifier ended the stream before the session");
        take(message);
        if (message.type === "progress") continue;
        yield message;
        if (message.type === "finished") return;
      }
    } catch (error) {
      if (isClosed) return;
      // A client that leaves says so; a verifier that failed may not be there to hear it.
      if (!signal?.aborted) stream.reset();
      throw error;
    } finally {
      close();
    }
  }

  return {
    offer(offer) {
      const wasAwaited = isAwaited();
      givenCredit = Math.max(givenCredit, offer.credit);
      stream.send({ type: "offer", offer });
      if (!wasAwaited) listen();
    },
    cancel: () => stream.send({ type: "cancel" }),
    messages: receiveAll(),
    close,
  };
}
