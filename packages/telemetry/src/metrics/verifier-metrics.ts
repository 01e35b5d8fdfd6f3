import { type RejectionReason, verifierCatalogue } from "./catalogue.ts";
import { createInstruments, type MetricsSource } from "./instruments.ts";

/** A verifier at this moment. What its role does not have is undefined and not shown. */
export interface VerifierGauges {
  /** Sessions that run. */
  readonly numRunning?: number | undefined;
  /** Sessions that wait for a place, or for their prefix to be computed. */
  readonly numWaiting?: number | undefined;
  readonly numFreeSlots?: number | undefined;
  /** 0 to 1 */
  readonly cacheUsage?: number | undefined;
  /** Live workers that an ingress sees. */
  readonly numWorkers?: number | undefined;
}

/** One forward of the target. */
export interface StepObservation {
  /** Sessions in it. */
  readonly numSlots: number;
  /** How long each of its calls waited for it. */
  readonly waitsMs: Iterable<number>;
}

/** Tokens that the target appended to a text in one forward. */
export interface CommitObservation {
  readonly numTokens: number;
  /** Draft tokens in the forward, and those of them that were accepted. */
  readonly numJudged: number;
  readonly numAccepted: number;
  readonly forwardMs: number;
}

/** What a verifier tells of itself. Nothing but `render` can fail or wait. */
export interface VerifierMetrics extends MetricsSource {
  observeStep(step: StepObservation): void;
  /** A session was opened. @param numCommitted output tokens that it brought along */
  observeOpened(numPromptTokens: number, numCommitted: number): void;
  observeCommit(commit: CommitObservation): void;
  /** A session has found a worker. */
  observePlacement(waitMs: number): void;
  rejected(reason: RejectionReason): void;
  /** A worker ended with a session it had taken and not claimed. */
  stalled(): void;
  workerLost(): void;
}

/**
 * @param modelName the label `model_name` of every series
 * @param read asked once for each rendering, which fails when it throws
 */
export async function createVerifierMetrics(
  modelName: string,
  read: () => VerifierGauges,
): Promise<VerifierMetrics> {
  const labels = { model_name: modelName };
  const instruments = await createInstruments(verifierCatalogue);
  const { count, observe } = instruments.recorder(labels);
  return {
    contentType: instruments.contentType,
    async render() {
      const { numRunning, numWaiting, numFreeSlots, cacheUsage, numWorkers } = read();
      const gauges = {
        num_requests_running: numRunning,
        num_requests_waiting: numWaiting,
        num_free_slots: numFreeSlots,
        kv_cache_usage_perc: cacheUsage,
        num_workers: numWorkers,
      };
      return instruments.render(gauges, labels);
    },
    observeStep({ numSlots, waitsMs }) {
      observe("verify_batch_size", numSlots);
      for (const waitMs of waitsMs) observe("verify_batch_wait_seconds", waitMs / 1000);
    },
    observeOpened(numPromptTokens, numCommitted) {
      if (numCommitted === 0) count("prompt_tokens_total", undefined, numPromptTokens);
      else count("reprefill_tokens_total", undefined, numPromptTokens + numCommitted);
    },
    observeCommit({ numTokens, numJudged, numAccepted, forwardMs }) {
      observe("verify_forward_seconds", forwardMs / 1000);
      count("generation_tokens_total", undefined, numTokens);
      if (numJudged === 0) return;
      count("spec_decode_num_drafts_total", undefined);
      count("spec_decode_num_draft_tokens_total", undefined, numJudged);
      count("spec_decode_num_accepted_tokens_total", undefined, numAccepted);
    },
    observePlacement: (waitMs) => observe("placement_wait_seconds", waitMs / 1000),
    rejected: (reason) => count("rejected_requests_total", reason),
    stalled: () => count("stalled_jobs_total", undefined),
    workerLost: () => count("worker_lost_total", undefined),
  };
}
