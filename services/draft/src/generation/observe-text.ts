import type { CommitReport, TextObserver } from "@adaedl/core";
import {
  type draftCatalogue,
  isStepTraced,
  type RequestMetrics,
  type Span,
  type Tracer,
} from "@adaedl/telemetry";

export type DraftMetrics = RequestMetrics<typeof draftCatalogue>;

/**
 * Counts what happens to a text, and records spans of some of its commits.
 * @param metrics absent where nobody reads them
 * @param whole the span that the commits are part of; where nobody looks at it, they have none
 */
export function observeText(
  metrics: DraftMetrics | undefined,
  tracer: Tracer,
  whole: Span,
): TextObserver {
  return {
    opened: (numForwards) => metrics?.count("target_forwards_total", numForwards),
    drafted: (ms) => metrics?.observe("draft_forward_seconds", ms / 1000),
    offered: (numTokens) => metrics?.count("draft_nodes_offered_total", numTokens),
    committed(report, numJudged, frontier) {
      metrics?.count("target_forwards_total");
      if (frontier !== undefined) metrics?.observe("draft_frontier_tokens", frontier);
      if (numJudged > 0) metrics?.count("spec_decode_num_drafts_total");
      metrics?.count("spec_decode_num_draft_tokens_total", numJudged);
      if (whole.isOn && isStepTraced(report.number)) traceCommit(report, numJudged, tracer, whole);
    },
    delivered(origin, obstacle) {
      if (origin === "accepted") metrics?.count("spec_decode_num_accepted_tokens_total");
      if (origin === "autoregressive") metrics?.count("autoregressive_tokens_total");
      if (obstacle !== undefined) metrics?.countAs("fallback_tokens_total", obstacle);
    },
  };
}

function traceCommit(report: CommitReport, numJudged: number, tracer: Tracer, whole: Span): void {
  const { number, numAccepted, draftMs, waitMs } = report;
  const attributes = {
    "adaedl.commit": number,
    "adaedl.num_drafted": numJudged,
    "adaedl.num_accepted": numAccepted,
    "adaedl.draft_ms": draftMs,
  };
  tracer.record("commit", { parent: whole.traceparent, attributes, durationMs: draftMs + waitMs });
}
