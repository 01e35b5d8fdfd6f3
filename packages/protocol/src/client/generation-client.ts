import { Generation, generationServiceName } from "../definitions.ts";
import { decodeGenerateEvent } from "../generation/event-codec.ts";
import type {
  DraftServiceDescription,
  GenerateEvent,
  GenerateRequest,
} from "../generation/messages.ts";
import { encodeGenerateRequest } from "../generation/request-codec.ts";
import { ask, askForStream, type ChannelOptions, openChannel } from "./channel.ts";
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
   * @throws AdaedlError the service's, `unavailable` when it cannot be reached, or `out_of_range` for
   *   a prompt that no message can carry
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
      const metadata = channel.metadata({ traceparent, requestId });
      const wire = encodeGenerateRequest(request);
      for await (const event of askForStream(channel, Generate, wire, metadata, {
        timeoutMs,
        signal,
        largeField: "prompt",
      }))
        yield decodeGenerateEvent(event);
    },
    close: () => channel.close(),
  };
}
