import type { SessionHost } from "@adaedl/batching";
import type { RequestLimits } from "@adaedl/engine";
import type { VerifierDescription, VerifierLimits } from "@adaedl/protocol";
import type { Logger, Tracer } from "@adaedl/telemetry";
import type { Meter } from "../meter.ts";
import type { SessionStart } from "../sessions/session-start.ts";
import type { Admission } from "./admission.ts";

/** What every stream of an ingress shares. */
export interface IngressParts {
  /** Names the ingress among all that share a Redis. */
  readonly id: string;
  readonly description: VerifierDescription;
  readonly facts: RequestLimits;
  readonly host: SessionHost<SessionStart>;
  /** Sessions whose prefix is not computed yet. */
  readonly opening: Set<string>;
  /** The target's tokenizer files, compressed. */
  readTokenizer(): Promise<Uint8Array>;
  readonly admission: Admission;
  readonly limits: VerifierLimits;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly logger: Logger;
}
