// Entry of the worker thread of one model that learns.

import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { workerData } from "node:worker_threads";
import { serveRequests } from "@adaedl/runtime/worker";
import type { TrainingOptions, TrainingRequest } from "../messages.ts";
import { Trainer } from "./trainer.ts";

async function handle(trainer: Trainer, request: TrainingRequest): Promise<unknown> {
  switch (request.type) {
    case "step":
      return trainer.step(request.batches, request.progress);
    case "logits":
      return trainer.logits(request.batch, request.which);
    case "match":
      return trainer.matchProbability(request.batch, request.which, request.temperature);
    case "compare":
      return trainer.compare(request.batch);
    case "weights":
      return trainer.weights(request.which);
    case "save":
      return trainer.save(request.directory);
    case "close":
      return trainer.close();
  }
}

/** Lowers this thread's priority. Linux alone has one for each thread. */
function yieldToOthers(): void {
  if (process.platform !== "linux") return;
  try {
    const threadId = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(threadId, constants.priority.PRIORITY_LOW);
  } catch {
    // Without /proc it competes as any other thread does.
  }
}

const options = workerData as TrainingOptions;
if (options.isBackground) yieldToOthers();
await serveRequests(
  (signal) => Trainer.open(options, signal),
  (trainer) => trainer.close(),
  (trainer) => ({
    info: { spec: trainer.spec, numSteps: trainer.numSteps },
    handle: (request: TrainingRequest) => handle(trainer, request),
  }),
);
