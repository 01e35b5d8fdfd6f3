import type { RedisRoundWorker } from "@adaedl/batching";
import type { Tracer } from "@adaedl/telemetry";
import type { TargetAnswer, TargetJob } from "../jobs/target-job.ts";
import type { OpenedTarget } from "./open-target.ts";

/** Runs jobs on a target engine; what jobs share a step is for the engine's scheduler to say. */
export function targetWorker(
  { engine, numSteps }: Pick<OpenedTarget, "engine" | "numSteps">,
  tracer: Tracer,
): RedisRoundWorker<TargetJob, TargetAnswer> {
  return {
    async *run(job, signal) {
      const { traceparent: parent } = job;
      if (job.type === "open") {
        const opened = await engine.open(job.start, signal);
        traceStep(tracer, "prefill", parent, opened, { "adaedl.num_forwards": opened.numForwards });
        yield { type: "opened", ...opened };
        return;
      }
      let isFirst = true; // the later tokens of a plain run have no spans of their own
      for await (const answer of engine.verify(job.request, signal)) {
        if (isFirst) traceStep(tracer, "batch step", parent, answer, stepAttributes(answer));
        isFirst = false;
        yield { type: "answer", ...answer };
      }
    },
    get numForwards() {
      return numSteps();
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

/** Spans of the wait for a step and of its forward, which have just ended. */
function traceStep(
  tracer: Tracer,
  name: string,
  parent: string | undefined,
  { queueMs, verifyMs }: { readonly queueMs: number; readonly verifyMs: number },
  attributes: Readonly<Record<string, number>>,
): void {
  tracer.record("queue", { parent, durationMs: queueMs, agoMs: verifyMs });
  tracer.record(name, { parent, attributes, durationMs: verifyMs });
}

function stepAttributes({ batchSize, numAccepted }: { batchSize: number; numAccepted: number }) {
  return { "adaedl.batch_size": batchSize, "adaedl.num_accepted": numAccepted };
}
