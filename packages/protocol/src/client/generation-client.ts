import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { ServiceError } from "@grpc/grpc-js";
import { Generation, generationServiceName } from "../definitions.ts";
import type { GenerateResponse__Output as WireEvent } from "../gen/adaedl/v1/GenerateResponse.ts";
import { decodeGenerateEvent } from "../generation/event-codec.ts";
import type {
  DraftServiceDescription,
  GenerateEvent,
  GenerateRequest,
} from "../generation/messages.ts";
import { encodeGenerateRequest } from "../generation/request-codec.ts";
import { createInbox } from "../inbox.ts";
import { ask, type ChannelOptions, openChannel } from "./channel.ts";
import { askHealth } from "./check-health.ts";

export interface GenerateOptions {
  /** Deadline of the whole generation; without one it may take as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** W3C context of the trace it belongs to. */
  readonly traceparent?: string | undefined;
  /** Names it in the logs of whoever works on it: 1 to 64 letters, digits, - and _. */
  readonly requestId?: string | undefined;
}

/** A draft service somewhere. */
export interface GenerationClient {
  describe(timeoutMs: number, signal?: AbortSignal): Promise<DraftServiceDescription>;
  /**
   * Asks the standard health service about generation there.
   * @returns SERVING, NOT_SERVING or UNKNOWN
   * @throws AdaedlError `unavailable` when it cannot be reached
   */
  checkHealth(timeoutMs: number, signal?: AbortSignal): Promise<string>;
  /**
   * Ending the iteration or aborting the signal cancels the work.
   * @throws AdaedlError what the service says, or `unavailable` when it cannot be reached
   */
  generate(
    request: GenerateRequest,
    signal?: AbortSignal,
    options?: GenerateOptions,
  ): AsyncGenerator<GenerateEvent>;
  close(): void;
}

/** @throws AdaedlError `invalid_argument` for bad files */
export function openGenerationClient(options: ChannelOptions): GenerationClient {
  const channel = openChannel(options);
  const { Describe, Generate } = Generation.service;
  return {
    describe: (timeoutMs, signal) => ask(channel, Describe, {}, timeoutMs, signal),
    checkHealth: (timeoutMs, signal) =>
      askHealth(channel, generationServiceName, timeoutMs, signal),
    async *generate(request, signal, { timeoutMs, traceparent, requestId } = {}) {
      throwIfAborted(signal);
      const call = channel.client.makeServerStreamRequest(
        Generate.path,
        Generate.requestSerialize,
        Generate.responseDeserialize,
        encodeGenerateRequest(request),
        channel.metadata({ traceparent, requestId }),
        timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
      );
      const inbox = createInbox<WireEvent>(call, (error) =>
        signal?.aborted
          ? AdaedlError.fromAbort(signal.reason)
          : channel.errorOf(error as ServiceError),
      );
      // At once, whether or not the reader is waiting for an event.
      const onAbort = () => call.cancel();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        for (let event = await inbox.next(); event !== undefined; event = await inbox.next())
          yield decodeGenerateEvent(event);
      } catch (error) {
        throw AdaedlError.from(error);
      } finally {
        signal?.removeEventListener("abort", onAbort);
        call.cancel();
      }
    },
    close: () => channel.close(),
  };
}
