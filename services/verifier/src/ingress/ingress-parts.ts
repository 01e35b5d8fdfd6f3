import type { RoundQueue } from "@adaedl/batching";
import type { TargetFacts } from "@adaedl/engine";
import type { VerifierDescription, VerifierLimits } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import type { TargetAnswer, TargetJob } from "../worker/target-worker.ts";
import type { Admission } from "./admission.ts";

/** What every stream of an ingress shares. */
export interface IngressParts {
  readonly description: VerifierDescription;
  readonly facts: TargetFacts;
  readonly queue: RoundQueue<TargetJob, TargetAnswer>;
  readonly admission: Admission;
  readonly limits: VerifierLimits;
  /** Frees what a session holds at its worker, wherever that is. */
  closeSession(sessionId: string): void;
  readonly logger: Logger;
}
