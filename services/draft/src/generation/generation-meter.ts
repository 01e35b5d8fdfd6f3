import { AdaedlError, type CommitReport, type CommittedToken } from "@adaedl/core";
import type { GenerationFinished } from "@adaedl/engine";
import {
  type DraftMetrics,
  type DraftStopReason,
  failureReasonOf,
  type ReprefillReason,
  reprefillReasons,
} from "@adaedl/telemetry";

/** Counts and times one generation. */
export interface GenerationMeter {
  /** Told every event, rounds among them. */
  onEvent(event: CommitReport | CommittedToken | GenerationFinished): void;
  /** However it ended. @param thrown absent where nothing was */
  onEnd(thrown?: unknown): void;
}

/** @param metrics absent where nobody reads them */
export function createGenerationMeter(
  metrics: DraftMetrics | undefined,
  numPromptTokens: number,
): GenerationMeter {
  if (metrics === undefined) return { onEvent() {}, onEnd() {} };
  const startedAt = performance.now();
  let lastTokenAt: number | undefined;
  /** Place in its draft of the next accepted token. */
  let position = 0;
  let isFinished = false;
  return {
    onEvent(event) {
      const now = performance.now();
      if (event.type === "commit") {
        position = 0;
        metrics.observeRound({
          entropies: event.draftTokens.map(({ entropy }) => entropy),
          stopReason: stopReasonOf(event),
          draftMs: event.draftMs,
          roundTripMs: event.waitMs - event.queueMs - event.verifyMs,
        });
      } else if (event.type === "token") {
        if (event.origin === "accepted") metrics.accepted(position++);
        if (lastTokenAt === undefined) metrics.firstToken(now - startedAt);
        else metrics.nextToken(now - lastTokenAt);
        lastTokenAt = now;
      } else {
        isFinished = true;
        const { finishReason, statistics } = event;
        metrics.finished({ finishReason, numPromptTokens, sinceRequestMs: now - startedAt });
        metrics.costs(statistics);
      }
    },
    onEnd(thrown) {
      if (thrown !== undefined) metrics.failed(failureReasonOf(AdaedlError.from(thrown).code));
      else if (!isFinished) metrics.failed("cancelled"); // the reader went away between two events
    },
  };
}

/** Why the draft of a commit ended, in the metrics' words. */
export function stopReasonOf({ draftTokens, endReason }: CommitReport): DraftStopReason {
  return draftTokens.length === 0 ? "none" : (endReason ?? "stream");
}

/** Why a session's prefix was sent again, in the metrics' words. */
export function reprefillReason(why: AdaedlError | undefined): ReprefillReason {
  return reprefillReasons.find((reason) => reason === why?.code) ?? "other";
}
