import { AdaedlError } from "@adaedl/core";
import { Verification, verificationServiceName } from "../definitions.ts";
import { writeMessage } from "../flow.ts";
import type { VerificationHandlers } from "../gen/adaedl/v2/Verification.ts";
import type { VerifierDescription as WireDescription } from "../gen/adaedl/v2/VerifierDescription.ts";
import { createInbox } from "../inbox.ts";
import { tokenizerChunkBytes } from "../limits.ts";
import { decodeRequestBytes } from "../verification/bytes.ts";
import { encodeDescription } from "../verification/description-codec.ts";
import { maxOfferBytes } from "../verification/limits.ts";
import type {
  VerifierDescription,
  VerifyRequest,
  VerifyResponse,
} from "../verification/messages.ts";
import { encodeVerifyResponse } from "../verification/response-codec.ts";
import { type CallContext, createCallRunner, type ServedService } from "./served-service.ts";

/** What a verifier implements. */
export interface VerificationHandler {
  describe(): VerifierDescription;
  /**
   * The compressed tokenizer files.
   * @throws AdaedlError `failed_precondition` when the digest is not the target's
   */
  getTokenizer(tokenizerDigest: string, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * One session: receives requests, sends responses; returns when the session ended well.
   * @param receive the next request; undefined when the client has closed its side. A wait ends with
   *   the call or the signal
   * @param send waits while the client does not read
   */
  verify(
    receive: (signal?: AbortSignal) => Promise<VerifyRequest | undefined>,
    send: (response: VerifyResponse) => Promise<void>,
    context: CallContext,
  ): Promise<void>;
}

/** Messages arrive as bytes, which are decoded when they are received: how large one may be depends on its place. */
const service = {
  ...Verification.service,
  Verify: { ...Verification.service.Verify, requestDeserialize: (bytes: Buffer) => bytes },
};

/** @param writeTimeoutMs how long a client may read nothing before its call is ended */
export function verificationService(
  handler: VerificationHandler,
  writeTimeoutMs: number,
): ServedService {
  const runner = createCallRunner();
  return {
    name: verificationServiceName,
    whenIdle: runner.whenIdle,
    endAll: runner.endAll,
    addTo(server, guard) {
      const handlers: VerificationHandlers = {
        Describe(call, callback) {
          let description: WireDescription | undefined;
          runner
            .run(call, guard, async () => {
              description = encodeDescription(handler.describe());
            })
            .then((failed) => callback(failed ?? null, description));
        },
        GetTokenizer(call) {
          runner
            .run(call, guard, async ({ signal }) => {
              const bundle = await handler.getTokenizer(call.request.tokenizerDigest, signal);
              for (let start = 0; start < bundle.length; start += tokenizerChunkBytes) {
                const data = Buffer.from(bundle.subarray(start, start + tokenizerChunkBytes));
                await writeMessage(call, { data }, writeTimeoutMs, signal);
              }
            })
            .then((failed) => (failed === undefined ? call.end() : call.emit("error", failed)));
        },
        Verify(call) {
          runner
            .run(call, guard, (context) => {
              const { signal } = context;
              const inbox = createInbox<Buffer>(call, AdaedlError.from, signal);
              let maxBytes = handler.describe().limits.maxMessageBytes;
              const receive = async (waitSignal?: AbortSignal) => {
                const bytes = await inbox.next(waitSignal);
                const request = bytes && decodeRequestBytes(bytes, maxBytes);
                maxBytes = maxOfferBytes;
                return request;
              };
              const send = (response: VerifyResponse) =>
                writeMessage(call, encodeVerifyResponse(response), writeTimeoutMs, signal);
              return handler.verify(receive, send, context);
            })
            .then((failed) => (failed === undefined ? call.end() : call.emit("error", failed)));
        },
      };
      server.addService(service, handlers as never);
    },
  };
}
