// Entry of the worker thread of one model that learns.

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
    case "weights":
      return trainer.weights(request.which);
    case "save":
      return trainer.save(request.directory);
    case "close":
      return trainer.close();
  }
}

await serveRequests(
  (signal) => Trainer.open(workerData as TrainingOptions, signal),
  (trainer) => trainer.close(),
  (trainer) => ({
    info: { spec: trainer.spec, numSteps: trainer.numSteps },
    handle: (request: TrainingRequest) => handle(trainer, request),
  }),
);
