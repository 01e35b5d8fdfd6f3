import type { RoundReport } from "@adaedl/core";
import { isRoundTraced, type Span, type Tracer } from "@adaedl/telemetry";

/**
 * Records a span for each traced round, from its report.
 * @param whole the span that the rounds are part of; where nobody looks at it, they have none
 */
export function traceRound(round: RoundReport, tracer: Tracer, whole: Span): void {
  if (!whole.isOn || !isRoundTraced(round.number)) return;
  const { draftMs, waitMs, endReason } = round;
  const numDrafted = round.guesses.length;
  const attributes = {
    "adaedl.round": round.number,
    "adaedl.num_drafted": numDrafted,
    "adaedl.num_accepted": round.numAccepted,
    "adaedl.stop_reason": endReason ?? (numDrafted === 0 ? "plain" : "drafter"),
    "adaedl.draft_ms": draftMs,
  };
  tracer.record("round", { parent: whole.traceparent, attributes, durationMs: draftMs + waitMs });
}
