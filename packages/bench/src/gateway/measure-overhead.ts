import { median } from "../statistics.ts";
import type { ProcessUsage } from "./process-usage.ts";
import type { StreamClient } from "./stream-client.ts";
import { bodyOf, type Workload } from "./workload.ts";

export interface OverheadOptions extends Workload {
  /** At a time. */
  readonly numStreams: number;
  /** Every figure is the median of so many, with and without details in turns. */
  readonly numRepetitions: number;
}

/** Processor time of the gateway for one streamed token, in milliseconds. Medians. */
export interface OverheadResult {
  readonly cpuMsPerToken: number;
  /** The same with `adaedl.details`: each token's origin, and all rounds. */
  readonly detailedCpuMsPerToken: number;
  /** Of all streams together, without details. */
  readonly tokensPerSecond: number;
}

/** What streaming costs the gateway. The first measurement of each kind warms up. */
export async function measureOverhead(
  client: StreamClient,
  gateway: ProcessUsage,
  options: OverheadOptions,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<OverheadResult> {
  const plain: Sample[] = [];
  const detailed: Sample[] = [];
  for (let repetition = 0; repetition <= options.numRepetitions; repetition++) {
    for (const samples of [plain, detailed]) {
      const extra = samples === detailed ? { adaedl: { details: true } } : {};
      const sample = await measureOnce(client, gateway, options, repetition, extra, signal);
      if (repetition > 0) samples.push(sample);
      onProgress();
    }
  }
  return {
    cpuMsPerToken: median(plain.map(({ cpuMsPerToken }) => cpuMsPerToken)),
    detailedCpuMsPerToken: median(detailed.map(({ cpuMsPerToken }) => cpuMsPerToken)),
    tokensPerSecond: median(plain.map(({ tokensPerSecond }) => tokensPerSecond)),
  };
}

interface Sample {
  readonly cpuMsPerToken: number;
  readonly tokensPerSecond: number;
}

async function measureOnce(
  client: StreamClient,
  gateway: ProcessUsage,
  options: OverheadOptions,
  repetition: number,
  extra: object,
  signal: AbortSignal,
): Promise<Sample> {
  const startedAt = performance.now();
  const cpuMsBefore = gateway.cpuMs();
  const outcomes = await Promise.all(
    Array.from({ length: options.numStreams }, (_, index) => {
      const body = { ...bodyOf(options, repetition * options.numStreams + index), ...extra };
      return client.stream({ body, signal });
    }),
  );
  signal.throwIfAborted();
  const failed = outcomes.find(({ isComplete, status }) => !isComplete || status !== 200);
  if (failed)
    throw new Error(`a stream ended early, with status ${failed.status} ${failed.refusal ?? ""}`);
  const numTokens = outcomes.reduce((sum, outcome) => sum + outcome.numTokens, 0);
  return {
    cpuMsPerToken: (gateway.cpuMs() - cpuMsBefore) / numTokens,
    tokensPerSecond: (1_000 * numTokens) / (performance.now() - startedAt),
  };
}
