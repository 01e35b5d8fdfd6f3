import type { RedisRoundWorker } from "@adaedl/batching";
import type { TargetEngine } from "@adaedl/engine";
import type { TargetAnswer, TargetJob } from "../jobs/target-job.ts";

/** Runs jobs on a target engine; what jobs share a step is for the engine's scheduler to say. */
export function targetWorker(engine: TargetEngine): RedisRoundWorker<TargetJob, TargetAnswer> {
  return {
    async *run(job, signal) {
      if (job.type === "open") {
        yield { type: "opened", ...(await engine.open(job.start, signal)) };
        return;
      }
      for await (const answer of engine.verify(job.request, signal))
        yield { type: "answer", ...answer };
    },
    release: (sessionId) => engine.close(sessionId),
    get numFree() {
      return engine.numFreeSlots;
    },
    get canMakeRoom() {
      return engine.hasIdleSession;
    },
  };
}
