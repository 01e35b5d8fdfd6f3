import { median, quantile } from "../statistics.ts";
import { type PerProcess, perProcess, type TelemetrySample } from "./telemetry-stack.ts";

/** Of a figure that each launch has: its median, and the quartiles around it. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What a stack costs, and how much more than the one it is compared with. */
export interface TelemetryResult {
  readonly name: string;
  /** Of all three processes, for one streamed token: milliseconds, median. */
  readonly cpuMsPerToken: number;
  /** The same of each process. */
  readonly byProcess: PerProcess;
  /** More than the first stack of the same launch, for one streamed token; microseconds. */
  readonly addedUsPerToken: Spread;
  /** The medians of that, of each process. */
  readonly addedByProcess: PerProcess;
  /** ÷ the first stack of the same launch. */
  readonly ratio: Spread;
}

/**
 * Every stack against the first one, launch by launch: what slows a machine down for a while
 * slows both.
 * @param samples of each stack, by its name, in the order of launches
 */
export function summarizeTelemetry(
  samples: readonly (readonly [name: string, ofStack: readonly TelemetrySample[]])[],
): TelemetryResult[] {
  const baseline = samples[0]?.[1] ?? [];
  return samples.map(([name, ofStack]) => {
    const pairs = ofStack.flatMap((one, launch) => {
      const other = baseline[launch];
      return other === undefined ? [] : [{ one: perToken(one), other: perToken(other) }];
    });
    return {
      name,
      cpuMsPerToken: median(pairs.map(({ one }) => sum(one))),
      byProcess: perProcess((process) => median(pairs.map(({ one }) => one[process]))),
      addedUsPerToken: spread(pairs.map(({ one, other }) => 1_000 * (sum(one) - sum(other)))),
      addedByProcess: perProcess((process) =>
        median(pairs.map(({ one, other }) => 1_000 * (one[process] - other[process]))),
      ),
      ratio: spread(pairs.map(({ one, other }) => sum(one) / sum(other))),
    };
  });
}

function perToken({ cpuMs, numTokens }: TelemetrySample): PerProcess {
  return perProcess((process) => cpuMs[process] / numTokens);
}

function sum({ verifier, draft, gateway }: PerProcess): number {
  return verifier + draft + gateway;
}

function spread(values: readonly number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}
