import type { ProcessUsage } from "./process-usage.ts";
import type { StreamClient } from "./stream-client.ts";

/** The processes that a streamed token costs time in. */
export type StackProcess = "verifier" | "draft" | "gateway";

/** Something of each process of a stack; times are in milliseconds. */
export type PerProcess<Value = number> = Readonly<Record<StackProcess, Value>>;

export function perProcess<Value>(of: (process: StackProcess) => Value): PerProcess<Value> {
  return { verifier: of("verifier"), draft: of("draft"), gateway: of("gateway") };
}

/** A verifier, a draft service and a gateway that serve nobody but the benchmark. */
export interface TelemetryStack {
  readonly name: string;
  /** Of its gateway. */
  readonly client: StreamClient;
  readonly usage: PerProcess<ProcessUsage>;
}

/** What a stack's work came to, from one start to the next. */
export interface TelemetrySample {
  readonly cpuMs: PerProcess;
  /** Streamed to clients. */
  readonly numTokens: number;
}
