import { AdaedlError } from "@adaedl/core";
import type { GenerateRequest, GenerationClient, SpeculationStatistics } from "@adaedl/protocol";

/** What one pass of a policy over a workload came to. */
export interface TextsRun {
  readonly durationMs: number;
  /** Of each text. */
  readonly tokenIds: readonly (readonly number[])[];
  readonly counts: RunCounts;
}

/** Added up over texts. */
export type RunCounts = Readonly<Record<(typeof countNames)[number], number>>;

const countNames = [
  "numDrafted",
  "numAccepted",
  "numRoundTrips",
  "numTargetForwards",
] as const satisfies readonly (keyof SpeculationStatistics)[];

/** One text after the other, timed where a client stands: prompts and the way to the service are in it. */
export async function runTexts(
  client: GenerationClient,
  requests: readonly GenerateRequest[],
  signal: AbortSignal,
): Promise<TextsRun> {
  const tokenIds: number[][] = [];
  let counts = noCounts;
  const startedAt = performance.now();
  for (const request of requests) {
    const text: number[] = [];
    let statistics: SpeculationStatistics | undefined;
    for await (const event of client.generate(request, signal)) {
      if (event.type === "token") text.push(event.tokenId);
      else if (event.type === "finished") statistics = event.statistics;
    }
    if (statistics === undefined)
      throw new AdaedlError("internal", "the generation ended without its last event");
    tokenIds.push(text);
    counts = addCounts(counts, statistics);
  }
  return { durationMs: performance.now() - startedAt, tokenIds, counts };
}

export function addCounts(one: RunCounts, other: RunCounts): RunCounts {
  const sums = countNames.map((name) => [name, one[name] + other[name]]);
  return Object.fromEntries(sums) as RunCounts;
}

export const noCounts: RunCounts = {
  numDrafted: 0,
  numAccepted: 0,
  numRoundTrips: 0,
  numTargetForwards: 0,
};
