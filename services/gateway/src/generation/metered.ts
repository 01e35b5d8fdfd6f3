import { AdaedlError } from "@adaedl/core";
import type { GenerateEvent } from "@adaedl/protocol";
import { failureReasonOf, type Span } from "@adaedl/telemetry";
import type { Indexed } from "./merge.ts";
import type { ModelMetrics } from "./model-metrics.ts";

export interface Meter {
  readonly metrics: ModelMetrics;
  /** When the request came, by `performance.now()`. */
  readonly arrivedAt: number;
  /** Of the request; ends with its events. */
  readonly span: Span;
  /** Told once, however the request ended: prompt and output tokens of all choices. */
  charge(numTokens: number): void;
  /** The request has ended. */
  leave(): void;
}

/**
 * The same events, counted and timed. Whatever ends the iteration ends the request. One pass for metrics and
 * traces: each costs every token some turns of the event loop.
 */
export async function* metered(
  events: AsyncGenerator<Indexed<GenerateEvent>>,
  { metrics, arrivedAt, span, charge, leave }: Meter,
): AsyncGenerator<Indexed<GenerateEvent>> {
  const lastTokenAt: number[] = [];
  let numInput = 0;
  let numOutput = 0;
  let isComplete = false;
  let failure: AdaedlError | undefined;
  try {
    for await (const indexed of events) {
      const { index, event } = indexed;
      const now = performance.now();
      if (event.type === "started") numInput += event.numPromptTokens;
      else if (event.type === "token") {
        numOutput++;
        const last = lastTokenAt[index];
        if (last === undefined) metrics.firstToken(now - arrivedAt);
        else metrics.nextToken(now - last);
        lastTokenAt[index] = now;
      } else if (event.type === "finished") {
        const { finishReason, numPromptTokens } = event;
        metrics.finished({ finishReason, numPromptTokens, sinceRequestMs: now - arrivedAt });
      }
      yield indexed;
    }
    isComplete = true;
  } catch (error) {
    isComplete = true;
    failure = AdaedlError.from(error);
    metrics.failed(failureReasonOf(failure.code));
    throw error;
  } finally {
    if (!isComplete) metrics.failed("cancelled"); // the reader went away between two events
    span.set({ "gen_ai.usage.input_tokens": numInput, "gen_ai.usage.output_tokens": numOutput });
    span.end(failure);
    charge(numInput + numOutput);
    leave();
  }
}
