import { parseRedisUrl, type RedisTlsFiles } from "@adaedl/batching";
import { AdaedlError } from "@adaedl/core";
import type { ModelThreadOptions, SuffixLimits } from "@adaedl/engine";
import type { GrpcServerOptions } from "@adaedl/protocol";
import type { Tracer } from "@adaedl/telemetry";

/**
 * `ingress` accepts streams and has no model, `worker` has the model and accepts none, `all` is both
 * in one process. Ingresses and workers meet in Redis.
 */
export const verifierRoles = ["all", "ingress", "worker"] as const;
export type VerifierRole = (typeof verifierRoles)[number];

export interface RedisSettings {
  readonly url: string;
  readonly tls?: RedisTlsFiles | undefined;
  /** Secrets that all of them share, one a line; without it, nothing in Redis is signed. */
  readonly secretFile?: string | undefined;
  /** Verifiers that share Redis and a name meet. */
  readonly namespace: string;
  /** Sessions of all ingresses that may wait for a worker. */
  readonly maxWaiting: number;
}

/** Everything a verifier can be told; `adaedl serve verifier --help` explains each. */
export interface VerifierOptions extends Omit<GrpcServerOptions, "listen"> {
  /** HOST:PORT; without it the verifier is reached in this process alone, by its `client`. */
  readonly listen?: string | undefined;
  /** Default: all. */
  readonly role?: VerifierRole;
  /** Where ingresses and workers meet; without it, in this process. */
  readonly redis?: RedisSettings | undefined;
  /** The model; an ingress needs none. */
  readonly target: ModelThreadOptions;
  /** HOST:PORT where Prometheus finds /metrics; nowhere by default. */
  readonly metricsListen?: string | undefined;
  readonly maxSessions: number;
  readonly maxClientTokens: number;
  /** Draft tokens of a session in one forward, 1 to 64. */
  readonly maxDraftLength: number;
  /** Sessions that have rows in memory, and bytes of all those rows. */
  readonly maxSlots: number;
  readonly cacheBytes: number;
  /** Tokens and sessions of one step. */
  readonly stepTokens: number;
  readonly stepSessions: number;
  /** Milliseconds of a text that a forward saved is worth: see `StepLoop`. Default: none. */
  readonly forwardPriceMs?: number | undefined;
  /** Whether texts that go on with other numerics are refused, and workers with others left out; not for an ingress. */
  readonly requireSameNumerics?: boolean | undefined;
  /** What the verifier drafts itself from; default: it drafts nothing. */
  readonly suffix?: SuffixLimits | undefined;
  readonly idleTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/**
 * Checks what options say about each other and cannot be checked one by one.
 * @throws AdaedlError `invalid_argument`
 */
export function checkVerifierOptions({
  role = "all",
  redis,
  requireSameNumerics,
}: VerifierOptions): void {
  if (redis !== undefined) parseRedisUrl(redis.url);
  else if (role !== "all")
    throw new AdaedlError("invalid_argument", `redisUrl must be given for the role ${role}`, {
      field: "redisUrl",
    });
  if (requireSameNumerics && role === "ingress")
    throw new AdaedlError(
      "invalid_argument",
      "requireSameNumerics must not be given for the role ingress: its workers have the target, and require it",
      { field: "requireSameNumerics" },
    );
}
