import type { JobHandler } from "@adaedl/batching";
import type {
  RoundAnswer,
  RoundRequest,
  SessionOpened,
  SessionStart,
  TargetEngine,
} from "@adaedl/engine";

/** What an ingress asks of a worker: plain data, so that it may cross a process. */
export type TargetJob =
  | { readonly type: "open"; readonly start: SessionStart }
  | { readonly type: "round"; readonly request: RoundRequest };

export type TargetAnswer =
  | ({ readonly type: "opened" } & SessionOpened)
  | ({ readonly type: "answer" } & RoundAnswer);

/** Runs jobs on a target engine; what jobs share a step is for the engine's scheduler to say. */
export function targetWorker(engine: TargetEngine): JobHandler<TargetJob, TargetAnswer> {
  return async function* run(job, signal) {
    if (job.type === "open") {
      yield { type: "opened", ...(await engine.open(job.start, signal)) };
      return;
    }
    for await (const answer of engine.verify(job.request, signal))
      yield { type: "answer", ...answer };
  };
}
