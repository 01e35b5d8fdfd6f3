import { AdaedlError } from "@adaedl/core";
import type { ServiceError } from "@grpc/grpc-js";
import { Verification } from "../definitions.ts";
import { messageSizeError } from "../errors/message-size.ts";
import { writeMessage } from "../flow.ts";
import type { VerifyResponse__Output as WireResponse } from "../gen/adaedl/v1/VerifyResponse.ts";
import { createInbox } from "../inbox.ts";
import { decodeDescription } from "../verification/description-codec.ts";
import { encodeVerifyRequest } from "../verification/encode-request.ts";
import type {
  VerifierDescription,
  VerifyRequest,
  VerifyResponse,
} from "../verification/messages.ts";
import { decodeVerifyResponse } from "../verification/response-codec.ts";
import { ask, type ChannelOptions, openChannel } from "./channel.ts";
import { receiveTokenizer } from "./receive-tokenizer.ts";

/** A verifier somewhere. */
export interface VerificationClient {
  readonly address: string;
  /** @throws AdaedlError `unavailable` when it cannot be reached, and what it says itself */
  describe(timeoutMs: number, signal?: AbortSignal): Promise<VerifierDescription>;
  /**
   * The compressed files of the target's tokenizer.
   * @throws AdaedlError `out_of_range` when they are too large, and the verifier's
   */
  getTokenizer(
    tokenizerDigest: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
  /** Opens a stream for one session; nothing is said before the first `send`. */
  openStream(options?: StreamOptions): VerifyStream;
  close(): void;
}

export interface StreamOptions {
  /**
   * Until when the session is of use, as `Date.now()` counts, so that the verifier knows how urgent
   * it is; infinite or undefined when nobody said. Close the stream then: the deadline that it is
   * given lies a second later, because one that passes is a reset (see `close`).
   */
  readonly deadline?: number | undefined;
  /** Of the trace the session belongs to. */
  readonly traceparent?: string | undefined;
}

/** The stream of one session. */
export interface VerifyStream {
  /** Message bytes so far, without framing. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Those of bytesUp that are guesses. */
  readonly guessBytesUp: number;
  /**
   * Resolves when there is room for more.
   * @throws AdaedlError when the stream is at its end; why is what `receive` throws
   */
  send(message: VerifyRequest, signal: AbortSignal): Promise<void>;
  /**
   * The next message; undefined when the verifier ended the stream well.
   * @throws AdaedlError what the stream ended with, or what the signal was aborted with
   */
  receive(signal: AbortSignal): Promise<VerifyResponse | undefined>;
  /**
   * Ends the session: says so, and lets the verifier close the stream. Nothing more can be received.
   * Servers drop connections on which too many streams are reset, so this is the way to end one.
   */
  close(): void;
  /** Resets the stream, whatever it is doing: for one that does not answer. */
  reset(): void;
}

/**
 * The next message that is an answer, for callers who wait as long as it takes: progress is passed over.
 * @throws AdaedlError as `receive`
 */
export async function receiveAnswer(
  stream: Pick<VerifyStream, "receive">,
  signal: AbortSignal,
): Promise<Exclude<VerifyResponse, { type: "progress" }> | undefined> {
  for (;;) {
    const message = await stream.receive(signal);
    if (message?.type !== "progress") return message;
  }
}

/** How long a verifier may take nothing before the stream is given up. */
const writeTimeoutMs = 10_000;
/** How long a verifier has to close a stream whose session has ended. */
const closeTimeoutMs = 1_000;

/** @throws AdaedlError `invalid_argument` for bad files */
export function openVerificationClient(options: ChannelOptions): VerificationClient {
  const channel = openChannel(options);
  const { Describe, GetTokenizer, Verify } = Verification.service;
  const cancelBytes = Verify.requestSerialize(encodeVerifyRequest({ type: "cancel" }));
  return {
    address: options.address,
    async describe(timeoutMs, signal) {
      return decodeDescription(await ask(channel, Describe, {}, timeoutMs, signal));
    },
    getTokenizer: (tokenizerDigest, timeoutMs, signal) =>
      receiveTokenizer(channel, GetTokenizer, tokenizerDigest, timeoutMs, signal),
    openStream({ deadline = Number.POSITIVE_INFINITY, traceparent } = {}) {
      let bytesUp = 0;
      let bytesDown = 0;
      let guessBytesUp = 0;
      let isClosed = false;
      // Messages are serialised here, where they can be counted by kind.
      const call = channel.client.makeBidiStreamRequest<Buffer, WireResponse>(
        Verify.path,
        (bytes) => bytes,
        (bytes) => {
          bytesDown += bytes.length;
          return Verify.responseDeserialize(bytes);
        },
        channel.metadata({ traceparent }),
        Number.isFinite(deadline) ? { deadline: deadline + closeTimeoutMs } : {},
      );
      const inbox = createInbox<WireResponse>(
        call,
        (error) =>
          messageSizeError(error as ServiceError, "promptTokenIds") ??
          channel.errorOf(error as ServiceError),
      );
      return {
        get bytesUp() {
          return bytesUp;
        },
        get bytesDown() {
          return bytesDown;
        },
        get guessBytesUp() {
          return guessBytesUp;
        },
        async send(message, signal) {
          if (call.writableEnded || call.destroyed)
            throw new AdaedlError("unavailable", "the stream has ended");
          const bytes = Verify.requestSerialize(encodeVerifyRequest(message));
          bytesUp += bytes.length;
          if (message.type === "draftToken") guessBytesUp += bytes.length;
          await writeMessage(call, bytes, writeTimeoutMs, signal);
        },
        async receive(signal) {
          const message = await inbox.next(signal);
          return message && decodeVerifyResponse(message);
        },
        close() {
          if (isClosed) return;
          isClosed = true;
          if (call.writable) {
            bytesUp += cancelBytes.length;
            call.end(cancelBytes);
          }
          call.resume(); // what is still on its way is read by nobody
          const timer = setTimeout(() => call.cancel(), closeTimeoutMs).unref();
          call.once("status", () => clearTimeout(timer));
        },
        reset: () => call.cancel(),
      };
    },
    close: () => channel.close(),
  };
}
