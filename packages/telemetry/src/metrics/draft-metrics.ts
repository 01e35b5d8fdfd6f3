import { type DraftRejectionReason, draftCatalogue, type ReprefillReason } from "./catalogue.ts";
import { createInstruments, type MetricsSource } from "./instruments.ts";
import { type RequestMetrics, requestMetrics } from "./request-metrics.ts";

/** A draft service at this moment. */
export interface DraftGauges {
  /** Generations that run. */
  readonly numRunning: number;
}

/** Why a draft ended: in a stream nothing has to end it. */
export type DraftStopReason = "policy" | "limit" | "drafter" | "stream" | "none";

/** One commit. */
export interface RoundObservation {
  /** Of each draft token that was verified, in nats; none where there was no draft. */
  readonly entropies: readonly number[];
  readonly stopReason: DraftStopReason;
  readonly draftMs: number;
  /** What a draft in rounds waited for: there and back, without the verifier's queue and forward. */
  readonly roundTripMs: number;
}

/** What a generation says at its end. */
export interface GenerationCosts {
  readonly numTargetForwards: number;
  readonly fallbackTokens: Readonly<Record<"draft_context" | "draft_failed", number>>;
}

/** What a draft service tells of itself. Nothing but `render` can fail or wait. */
export interface DraftMetrics extends MetricsSource, RequestMetrics {
  rejected(reason: DraftRejectionReason): void;
  observeRound(round: RoundObservation): void;
  /** A draft token became part of a text. @param position in its draft, from 0 */
  accepted(position: number): void;
  costs(costs: GenerationCosts): void;
  reprefilled(reason: ReprefillReason): void;
}

/**
 * @param modelName the label `model_name` of every series: the target's
 * @param read asked once for each rendering, which fails when it throws
 */
export async function createDraftMetrics(
  modelName: string,
  read: () => DraftGauges,
): Promise<DraftMetrics> {
  const labels = { model_name: modelName };
  const instruments = await createInstruments(draftCatalogue);
  const recorder = instruments.recorder(labels);
  const { count, observe } = recorder;
  return {
    ...requestMetrics(recorder),
    contentType: instruments.contentType,
    render: () => instruments.render({ num_requests_running: read().numRunning }, labels),
    rejected: (reason) => count("rejected_requests_total", reason),
    observeRound({ entropies, stopReason, draftMs, roundTripMs }) {
      const numDrafted = entropies.length;
      count("draft_rounds_total", stopReason);
      observe("draft_length", numDrafted);
      for (const entropy of entropies) observe("draft_entropy", entropy);
      if (numDrafted === 0) return;
      count("spec_decode_num_drafts_total", undefined);
      count("spec_decode_num_draft_tokens_total", undefined, numDrafted);
      observe("draft_seconds", draftMs / 1000);
      if (stopReason !== "stream") observe("round_trip_seconds", Math.max(0, roundTripMs) / 1000);
    },
    accepted(position) {
      count("spec_decode_num_accepted_tokens_total", undefined);
      count("spec_decode_num_accepted_tokens_per_pos_total", String(position));
    },
    costs({ numTargetForwards, fallbackTokens }) {
      count("target_forwards_total", undefined, numTargetForwards);
      for (const reason of ["draft_context", "draft_failed"] as const)
        count("fallback_tokens_total", reason, fallbackTokens[reason]);
    },
    reprefilled: (reason) => count("reprefill_total", reason),
  };
}
