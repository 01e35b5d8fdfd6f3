import type { GenerationFinished } from "@adaedl/engine";
import type { SpeculationStatistics } from "@adaedl/protocol";
import type { RemoteCosts } from "../verifiers/remote-verifier.ts";

/** Waiting for the target was queue and forward there; the rest is the way there and back. */
export function statisticsOf(
  { statistics: { waitMs, ...statistics }, numDraftForwards }: GenerationFinished,
  costs: RemoteCosts,
): SpeculationStatistics {
  const networkMs = Math.max(0, waitMs - statistics.queueMs - statistics.verifyMs);
  return { ...statistics, numDraftForwards, ...costs, networkMs };
}
