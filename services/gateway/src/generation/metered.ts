import { AdaedlError } from "@adaedl/core";
import type { GenerateEvent } from "@adaedl/protocol";
import { failureReasonOf, type GatewayModelMetrics } from "@adaedl/telemetry";
import type { Indexed } from "./merge.ts";

export interface Meter {
  readonly metrics: GatewayModelMetrics;
  /** When the request came, by `performance.now()`. */
  readonly arrivedAt: number;
  /** Told once, however the request ended: prompt and output tokens of all choices. */
  charge(numTokens: number): void;
  /** The request has ended. */
  leave(): void;
}

/** The same events, counted and timed. Whatever ends the iteration ends the request. */
export async function* metered(
  events: AsyncGenerator<Indexed<GenerateEvent>>,
  { metrics, arrivedAt, charge, leave }: Meter,
): AsyncGenerator<Indexed<GenerateEvent>> {
  const lastTokenAt: number[] = [];
  let numTokens = 0;
  let isComplete = false;
  try {
    for await (const indexed of events) {
      const { index, event } = indexed;
      const now = performance.now();
      if (event.type === "started") numTokens += event.promptTokenIds.length;
      else if (event.type === "token") {
        numTokens++;
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
    metrics.failed(failureReasonOf(AdaedlError.from(error).code));
    throw error;
  } finally {
    if (!isComplete) metrics.failed("cancelled"); // the reader went away between two events
    charge(numTokens);
    leave();
  }
}
