import type { GenerationFinished } from "@adaedl/engine";
import type { SpeculationStatistics } from "@adaedl/protocol";
import type { RemoteCosts } from "../verifiers/remote-session.ts";

/** Before anything was asked for. */
export const noCosts: RemoteCosts = {
  numForwards: 0,
  numRoundTrips: 0,
  numReopened: 0,
  bytesUp: 0,
  guessBytesUp: 0,
  bytesDown: 0,
  queueMs: 0,
  verifyMs: 0,
};

/** Waiting for verdicts was queue and forward there; the rest is the way there and back. */
export function statisticsOf(
  finished: GenerationFinished,
  costs: RemoteCosts,
): SpeculationStatistics {
  const { statistics, numTargetForwards, numDraftForwards } = finished;
  const { numForwards: _, ...remote } = costs;
  const networkMs = Math.max(0, statistics.verifyMs - remote.queueMs - remote.verifyMs);
  return { ...statistics, numTargetForwards, numDraftForwards, ...remote, networkMs };
}
