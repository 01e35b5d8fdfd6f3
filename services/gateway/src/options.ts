import type { ChannelOptions, TlsFiles } from "@adaedl/protocol";
import type { ServiceMetrics, Tracer } from "@adaedl/telemetry";
import type { ApiKeySettings } from "./callers/api-keys.ts";
import type { DraftServiceEndpoint, ProbeTimes } from "./draft-services/draft-service.ts";

/** Everything a gateway can be told; `adaedl serve gateway --help` explains each. */
export interface GatewayOptions extends ApiKeySettings {
  readonly listen: string;
  /** HOST:PORT of draft services, or one of this process, which may be starting; at least one. */
  readonly draftServices: readonly (string | DraftServiceEndpoint)[];
  /** For the way to the draft services. */
  readonly channel?: Omit<ChannelOptions, "address"> | undefined;
  /** Certificate of this service; with a CA, clients must show one. */
  readonly tls?: TlsFiles | undefined;
  /** Choices that may be generated at a time. */
  readonly maxRequests: number;
  /** For one generation, from its start to its end. */
  readonly requestTimeoutMs: number;
  /** Of a request's body; at most `maxRequestBytes`. */
  readonly maxBodyBytes: number;
  /** By which a gateway without keys and TLS may be reached, besides IP addresses and localhost: `checkHostNames`. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** A client that takes nothing for so long is cut off. */
  readonly writeTimeoutMs: number;
  /** Origins whose web pages may use the API, as browsers write them, or "*" for all; default: none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Whether the page is served. */
  readonly playground: boolean;
  readonly probe?: ProbeTimes | undefined;
  /** Reads the metrics of the other services in this process that have started, by name, which becomes a label. */
  readonly otherMetrics?: (() => Readonly<Record<string, ServiceMetrics>>) | undefined;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

export const defaultProbe: ProbeTimes = { intervalMs: 2_000, timeoutMs: 2_000 };
