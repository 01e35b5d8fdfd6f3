import { AdaedlError } from "@adaedl/core";
import type { ServiceError } from "@grpc/grpc-js";
import { Verification } from "../definitions.ts";
import { messageSizeError } from "../errors/message-size.ts";
import { createInbox } from "../inbox.ts";
import {
  decodeResponseBytes,
  encodeRequestBytes,
  responseSizeError,
} from "../verification/bytes.ts";
import { decodeDescription } from "../verification/description-codec.ts";
import { maxUnsentBytes } from "../verification/limits.ts";
import type {
  Open,
  VerifierDescription,
  VerifyRequest,
  VerifyResponse,
} from "../verification/messages.ts";
import { ask, type Channel, type ChannelOptions, openChannel } from "./channel.ts";
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
  /**
   * Opens a stream for one session and sends its Open.
   * @throws AdaedlError `invalid_argument` for a bearer token that cannot be sent
   */
  openStream(open: Open, options?: VerificationStreamOptions): VerificationStream;
  close(): void;
}

export interface VerificationStreamOptions {
  /**
   * Until when the session is of use, as `Date.now()` counts, so that the verifier knows how urgent
   * it is; infinite or undefined for a session without a deadline. Close the stream then: the deadline
   * of the call lies a second later, because one that passes is a reset (see `close`).
   */
  readonly deadline?: number | undefined;
  /** Of the trace the session belongs to. */
  readonly traceparent?: string | undefined;
  /** Where the stream's bytes are counted, with those of others. */
  readonly traffic?: Traffic | undefined;
}

/** Message bytes, without framing. */
export interface Traffic {
  bytesUp: number;
  /** Of `bytesUp`, those of offers. */
  draftTokenBytesUp: number;
  bytesDown: number;
}

/** The stream of one session. */
export interface VerificationStream {
  readonly traffic: Readonly<Traffic>;
  /**
   * Never waits and never throws. What the verifier does not take is buffered, up to `maxUnsentBytes`;
   * then the stream ends with `unavailable`, which `receive` throws. Dropped after the stream's end.
   */
  send(request: Exclude<VerifyRequest, Open>): void;
  /**
   * The next message; undefined when the verifier ended the stream well.
   * @throws AdaedlError what the stream ended with, or what the signal was aborted with; `internal` for
   *   a message that breaks the protocol
   */
  receive(signal?: AbortSignal): Promise<VerifyResponse | undefined>;
  /**
   * Ends the session: sends Cancel, and lets the verifier close the stream. Nothing more is received.
   * Servers drop connections on which too many streams are reset, so this is the way to end one.
   */
  close(): void;
  /** Resets the stream, whatever it is doing: for a verifier that does not answer. */
  reset(): void;
}

/** How long a verifier has to close a stream whose session has ended. */
const closeTimeoutMs = 1_000;

const { Describe, GetTokenizer, Verify } = Verification.service;
const cancelBytes = encodeRequestBytes({ type: "cancel" });

/** @throws AdaedlError `invalid_argument` for bad files */
export function openVerificationClient(options: ChannelOptions): VerificationClient {
  const channel = openChannel(options);
  return {
    address: options.address,
    async describe(timeoutMs, signal) {
      return decodeDescription(await ask(channel, Describe, {}, timeoutMs, signal));
    },
    getTokenizer: (tokenizerDigest, timeoutMs, signal) =>
      receiveTokenizer(channel, GetTokenizer, tokenizerDigest, timeoutMs, signal),
    openStream: (open, streamOptions = {}) => openStream(channel, open, streamOptions),
    close: () => channel.close(),
  };
}

function openStream(
  channel: Channel,
  open: Open,
  options: VerificationStreamOptions,
): VerificationStream {
  const { deadline = Number.POSITIVE_INFINITY, traceparent } = options;
  const { traffic = { bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 } } = options;
  let numUnsentBytes = 0;
  let isClosed = false;
  /** Why this side ended the stream; the library would say "cancelled". */
  let failure: AdaedlError | undefined;
  // Messages are encoded and decoded here, where they can be counted and bounded.
  const call = channel.client.makeBidiStreamRequest<Buffer, Buffer>(
    Verify.path,
    (bytes) => bytes,
    (bytes) => {
      traffic.bytesDown += bytes.length;
      failure ??= responseSizeError(bytes);
      if (failure !== undefined) throw failure;
      return bytes;
    },
    channel.metadata({ traceparent }),
    Number.isFinite(deadline) ? { deadline: deadline + closeTimeoutMs } : {},
  );
  const inbox = createInbox<Buffer>(
    call,
    (error) =>
      failure ??
      messageSizeError(error as ServiceError, "promptTokenIds") ??
      channel.errorOf(error as ServiceError),
  );
  const write = (bytes: Buffer) => {
    traffic.bytesUp += bytes.length;
    numUnsentBytes += bytes.length;
    call.write(bytes, () => {
      numUnsentBytes -= bytes.length;
    });
  };
  const openBytes = encodeRequestBytes(open);
  write(openBytes);
  return {
    traffic,
    send(request) {
      if (call.writableEnded || call.destroyed || failure !== undefined) return;
      const bytes = encodeRequestBytes(request);
      if (numUnsentBytes + bytes.length > openBytes.length + maxUnsentBytes) {
        const message = `the verifier left ${numUnsentBytes} bytes of requests unread`;
        failure = new AdaedlError("unavailable", message);
        call.cancel();
        return;
      }
      if (request.type === "offer") traffic.draftTokenBytesUp += bytes.length;
      write(bytes);
    },
    async receive(signal) {
      const bytes = await inbox.next(signal);
      return bytes && decodeResponseBytes(bytes);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      if (call.writable) {
        traffic.bytesUp += cancelBytes.length;
        call.end(cancelBytes);
      }
      call.resume(); // what is still on its way is read by nobody
      const timer = setTimeout(() => call.cancel(), closeTimeoutMs).unref();
      call.once("status", () => clearTimeout(timer));
    },
    // A call that is cancelled in the turn it was made in is begun by the library all the same, and
    // nobody ends it at the verifier.
    reset: () => void setImmediate(() => call.cancel()),
  };
}
