import type { DrafterKind } from "@adaedl/core";
import type { ModelThreadOptions } from "@adaedl/engine";
import type { GrpcServerOptions, TlsFiles, VerificationClient } from "@adaedl/protocol";
import type { Tracer } from "@adaedl/telemetry";
import type { RemoteTimeouts } from "./verifiers/remote-verifier.ts";

/** Everything a draft service can be told; `adaedl serve draft --help` explains each. */
export interface DraftServiceOptions extends Omit<GrpcServerOptions, "listen"> {
  /** HOST:PORT; without it the service is reached in this process alone, by its `client`. */
  readonly listen?: string | undefined;
  /** Without one, what drafts are tables. Default precision: `defaultDraftWeights`. */
  readonly draft?: ModelThreadOptions | undefined;
  /** Directory of a tokenizer; where it is not the target's, that one is fetched. Default: the draft model's. */
  readonly tokenizer?: string | undefined;
  /** Directory where the draft model keeps what it learns from the texts it drafts for; without one it does not learn. */
  readonly learn?: string | undefined;
  /** What drafts, each kind once; default: the model, or without one a table. */
  readonly drafters?: readonly DrafterKind[] | undefined;
  /** A text such as those that will be written, for `aded` to begin with. */
  readonly corpus?: string | undefined;
  /** See `TableOptions`; default: as there. */
  readonly pastTokens?: number | undefined;
  /** Addresses of verifiers that run the same target model; at least one. Or one of this process that is being started. */
  readonly verifiers: readonly (string | Promise<VerificationClient>)[];
  /** For the way to the verifiers. */
  readonly verifierTls?: TlsFiles | undefined;
  readonly verifierToken?: string | undefined;
  readonly verifierTokenFile?: string | undefined;
  readonly keepalive?: { readonly timeMs: number; readonly timeoutMs: number } | undefined;
  /** Of requests that name none. */
  readonly policy: string;
  readonly maxRequests: number;
  readonly timeouts: RemoteTimeouts;
  readonly writeTimeoutMs: number;
  /** HOST:PORT for /metrics; not served without. */
  readonly metricsListen?: string | undefined;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}
