import type { AdaedlError, Commit, StepFacts } from "@adaedl/core";
import type { StepReport } from "@adaedl/engine";
import {
  createVerifierMetrics,
  type MetricsServer,
  openMetricsServer,
  type RejectionReason,
  type VerifierGauges,
  type VerifierMetrics,
} from "@adaedl/telemetry";

/** Where the parts of a verifier say what happens; what they say counts once metrics are served. */
export interface Meter {
  onStep(report: StepReport): void;
  /** A session was opened. @param numCommitted output tokens that it brought along */
  onOpened(numPromptTokens: number, numCommitted: number): void;
  onCommit(commit: Commit, facts: StepFacts): void;
  /** A session has found a worker. */
  onPlaced(waitMs: number): void;
  /** A worker fell silent. */
  onWorkerLost(): void;
  /** A worker died with a session it had taken from the queue and not claimed. */
  onStalled(): void;
  /** A session was refused, or failed. */
  onFailed(error: AdaedlError): void;
  /** Serves it all for Prometheus. @throws when the address cannot be listened on */
  serve(listen: string, modelName: string, read: () => VerifierGauges): Promise<MetricsServer>;
}

export function createMeter(): Meter {
  let metrics: VerifierMetrics | undefined;
  return {
    onStep: ({ numSlots, queueMs }) => metrics?.observeStep({ numSlots, waitsMs: queueMs }),
    onOpened: (numPromptTokens, numCommitted) =>
      metrics?.observeOpened(numPromptTokens, numCommitted),
    onCommit({ tokenIds, numJudged, numAccepted }, { verifyMs }) {
      const numTokens = tokenIds.length;
      metrics?.observeCommit({ numTokens, numJudged, numAccepted, forwardMs: verifyMs });
    },
    onPlaced: (waitMs) => metrics?.observePlacement(waitMs),
    onWorkerLost: () => metrics?.workerLost(),
    onStalled: () => metrics?.stalled(),
    onFailed(error) {
      const reason = reasonOf(error);
      if (reason !== undefined) metrics?.rejected(reason);
    },
    async serve(listen, modelName, read) {
      metrics = await createVerifierMetrics(modelName, read);
      return openMetricsServer(listen, metrics);
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
