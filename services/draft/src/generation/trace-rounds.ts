import type { CommitReport } from "@adaedl/core";
import { isRoundTraced, type Span, type Tracer } from "@adaedl/telemetry";
import { stopReasonOf } from "./generation-meter.ts";

/**
 * Records a span for each traced round, from its report.
 * @param whole the span that the rounds are part of; where nobody looks at it, they have none
 */
export function traceRound(round: CommitReport, tracer: Tracer, whole: Span): void {
  if (!whole.isOn || !isRoundTraced(round.number)) return;
  const { draftMs, waitMs } = round;
  const attributes = {
    "adaedl.round": round.number,
    "adaedl.num_drafted": round.draftTokens.length,
    "adaedl.num_accepted": round.numAccepted,
    "adaedl.stop_reason": stopReasonOf(round),
    "adaedl.draft_ms": draftMs,
  };
  tracer.record("round", { parent: whole.traceparent, attributes, durationMs: draftMs + waitMs });
}
