import type { SessionWorker } from "@adaedl/batching";
import type { TargetMessage } from "@adaedl/core";
import { isStepTraced, type Tracer } from "@adaedl/telemetry";
import type { SessionStart } from "../sessions/session-start.ts";
import type { OpenedTarget } from "./open-target.ts";

/** Opens sessions at a target engine. */
export function targetWorker(
  { engine, compareNumerics }: Pick<OpenedTarget, "engine" | "compareNumerics">,
  tracer: Tracer,
): SessionWorker<SessionStart> {
  return {
    open(start, signal) {
      const session = engine.open(start, signal);
      compareNumerics(start.open); // counts no session that is refused
      const { traceparent } = start;
      if (traceparent === undefined) return session;
      return { ...session, messages: traced(session.messages, tracer, traceparent) };
    },
    get numForwards() {
      return engine.numForwards;
    },
    get numFree() {
      return engine.numFreeSlots;
    },
    canMakeRoom: (client) => engine.hasRoomFor(client),
  };
}

/** Records the prefill, and a sample of the commits. */
async function* traced(
  messages: AsyncIterable<TargetMessage>,
  tracer: Tracer,
  parent: string,
): AsyncGenerator<TargetMessage> {
  let numCommits = 0;
  for await (const message of messages) {
    if (message.type === "opened")
      traceStep(tracer, "prefill", parent, message, { "adaedl.num_forwards": message.numForwards });
    else if (message.type === "commit" && isStepTraced(numCommits++)) {
      const { commit, facts } = message;
      traceStep(tracer, "step", parent, facts, {
        "adaedl.batch_size": facts.batchSize,
        "adaedl.num_drafted": commit.numJudged,
        "adaedl.num_accepted": commit.numAccepted,
      });
    }
    yield message;
  }
}

/** Spans of the wait for a step and of its forward, which have just ended. */
function traceStep(
  tracer: Tracer,
  name: string,
  parent: string,
  { queueMs, verifyMs }: { readonly queueMs: number; readonly verifyMs: number },
  attributes: Readonly<Record<string, number>>,
): void {
  tracer.record("queue", { parent, durationMs: queueMs, agoMs: verifyMs });
  tracer.record(name, { parent, attributes, durationMs: verifyMs });
}
