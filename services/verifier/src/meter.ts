import type { AdaedlError } from "@adaedl/core";
import type { StepReport } from "@adaedl/engine";
import {
  createMetrics,
  type ReadValues,
  type Recorder,
  type RejectionReason,
  type ServiceMetrics,
  verifierCatalogue,
} from "@adaedl/telemetry";

export type VerifierReadings = ReadValues<typeof verifierCatalogue>;

/** Records the events of a verifier; they count once its metrics are open. */
export interface Meter {
  onStep(report: StepReport): void;
  /** A session was opened. @param numCommitted output tokens that it brought along */
  onOpened(numPromptTokens: number, numCommitted: number): void;
  /** A session has found a worker. */
  onPlaced(waitMs: number): void;
  /** A worker fell silent. */
  onWorkerLost(): void;
  /** A worker died with a session it had taken from the queue and not claimed. */
  onStalled(): void;
  /** A text goes on here that was computed with other numerics before. */
  onOtherNumerics(): void;
  /** A session was refused, or failed. */
  onFailed(error: AdaedlError): void;
  /** From now on it counts. */
  open(modelName: string, read: () => VerifierReadings): ServiceMetrics;
}

export function createMeter(): Meter {
  let recorder: Recorder<typeof verifierCatalogue> | undefined;
  return {
    onStep({ queueMs, heldBackMs, verifyMs }) {
      recorder?.observe("verify_batch_size", queueMs.length);
      recorder?.observe("verify_forward_seconds", verifyMs / 1000);
      if (heldBackMs > 0) recorder?.count("held_back_seconds_total", heldBackMs / 1000);
      for (const waitMs of queueMs) recorder?.observe("verify_batch_wait_seconds", waitMs / 1000);
    },
    onOpened(numPromptTokens, numCommitted) {
      if (numCommitted === 0) recorder?.count("prompt_tokens_total", numPromptTokens);
      else recorder?.count("reprefill_tokens_total", numPromptTokens + numCommitted);
    },
    onPlaced: (waitMs) => recorder?.observe("placement_wait_seconds", waitMs / 1000),
    onWorkerLost: () => recorder?.count("worker_lost_total"),
    onStalled: () => recorder?.count("stalled_jobs_total"),
    onOtherNumerics: () => recorder?.count("numerics_changes_total"),
    onFailed(error) {
      const reason = reasonOf(error);
      if (reason !== undefined) recorder?.countAs("rejected_requests_total", reason);
    },
    open(modelName, read) {
      const labels = { model_name: modelName };
      const metrics = createMetrics(verifierCatalogue, read, labels);
      recorder = metrics.recorder(labels);
      return metrics;
    },
  };
}

const reasons: Readonly<Record<string, RejectionReason>> = {
  sessions: "sessions",
  tokens: "client_tokens",
};

/** Why somebody was turned away who had done nothing wrong. */
function reasonOf({ code, field }: AdaedlError): RejectionReason | undefined {
  if (code === "unavailable") return "unavailable";
  return code === "resource_exhausted" ? (reasons[field ?? ""] ?? "queue") : undefined;
}
