import { AdaedlError, type FinishReason } from "@adaedl/core";
import { failureReasonOf, type ReprefillReason, reprefillReasons } from "@adaedl/telemetry";
import type { DraftMetrics } from "./observe-text.ts";

/** Counts and times one generation as its reader sees it. */
export interface GenerationMeter {
  onToken(): void;
  onFinished(finishReason: FinishReason): void;
  /** However it ended. @param thrown absent where nothing was */
  onEnd(thrown?: unknown): void;
}

/** @param metrics absent where nobody reads them */
export function createGenerationMeter(
  metrics: DraftMetrics | undefined,
  numPromptTokens: number,
): GenerationMeter {
  if (metrics === undefined) return { onToken() {}, onFinished() {}, onEnd() {} };
  const startedAt = performance.now();
  let lastTokenAt: number | undefined;
  let isFinished = false;
  return {
    onToken() {
      const now = performance.now();
      if (lastTokenAt === undefined) metrics.firstToken(now - startedAt);
      else metrics.nextToken(now - lastTokenAt);
      lastTokenAt = now;
    },
    onFinished(finishReason) {
      isFinished = true;
      const sinceRequestMs = performance.now() - startedAt;
      metrics.finished({ finishReason, numPromptTokens, sinceRequestMs });
    },
    onEnd(thrown) {
      if (thrown !== undefined) metrics.failed(failureReasonOf(AdaedlError.from(thrown).code));
      else if (!isFinished) metrics.failed("cancelled"); // the reader went away between two events
    },
  };
}

/** Why a session's prefix was sent again, in the metrics' words. */
export function reprefillReason(why: AdaedlError | undefined): ReprefillReason {
  return reprefillReasons.find((reason) => reason === why?.code) ?? "other";
}
