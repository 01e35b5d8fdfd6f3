import { AdaedlError, type TargetMessage, type VerifierSession } from "@adaedl/core";
import type { VerifyResponse } from "../verification/messages.ts";
import type { VerificationStream } from "./verification-client.ts";

/** What a session begins with, and for how long the verifier may send nothing: it has failed then. */
export interface SessionOptions {
  /** Length of the text that the stream was opened with, and the credit. */
  readonly length: number;
  readonly credit: number;
  /** Until the prefix is computed: no message for so long, progress included. */
  readonly openMs: number;
  /** Afterwards, while the text is shorter than the credit: without credit there is nothing to say. */
  readonly roundMs: number;
  /** Called with every message, progress among them. */
  readonly onResponse?: ((response: VerifyResponse) => void) | undefined;
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
  const allowedMs = () => {
    if (!isOpened) return openMs;
    return committedLength < givenCredit ? roundMs : Number.POSITIVE_INFINITY;
  };
  /** The verifier may send nothing for so long from now on. */
  function listen(): void {
    clearTimeout(silence);
    const ms = allowedMs();
    if (isClosed || !Number.isFinite(ms)) return;
    const why = `the verifier sent neither an answer nor progress for ${ms} ms`;
    silence = setTimeout(() => ending.abort(new AdaedlError("deadline_exceeded", why)), ms);
  }
  function close(): void {
    isClosed = true;
    clearTimeout(silence);
    ending.abort(new AdaedlError("cancelled", "the session was closed"));
    stream.close();
  }

  function take(response: VerifyResponse): void {
    isOpened ||= response.type === "opened";
    if (response.type === "commit") {
      const { position, tokenIds } = response.commit;
      committedLength = Math.max(committedLength, position + tokenIds.length);
    }
    onResponse?.(response);
  }

  async function* receiveAll(): AsyncGenerator<TargetMessage> {
    try {
      for (;;) {
        listen();
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
      const isAwaited = Number.isFinite(allowedMs());
      givenCredit = Math.max(givenCredit, offer.credit);
      stream.send({ type: "offer", offer });
      if (!isAwaited) listen();
    },
    cancel: () => stream.send({ type: "cancel" }),
    messages: receiveAll(),
    close,
  };
}
