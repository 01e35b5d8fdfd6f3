import type { ProcessUsage } from "./process-usage.ts";
import type { StreamClient } from "./stream-client.ts";

/** The processes that a streamed token costs time in. */
export const stackProcesses = ["verifier", "draft", "gateway"] as const;

export type StackProcess = (typeof stackProcesses)[number];

/** Processor time of each process of a stack, in milliseconds. */
export type CpuTimes = Readonly<Record<StackProcess, number>>;

/** A verifier, a draft service and a gateway that serve nobody but the benchmark. */
export interface TelemetryStack {
  readonly name: string;
  /** Of its gateway. */
  readonly client: StreamClient;
  readonly usage: Readonly<Record<StackProcess, ProcessUsage>>;
}

/** What a stack's work came to, from one start to the next. */
export interface TelemetrySample {
  readonly cpuMs: CpuTimes;
  /** Streamed to clients. */
  readonly numTokens: number;
}
