// Entry of the worker thread of one model. Inference blocks this thread and no other.
import { parentPort, workerData } from "node:worker_threads";
import { findModelSource } from "@adaedl/model";
import {
  type ModelThreadOptions,
  openingId,
  type WorkerAnswer,
  type WorkerRequest,
} from "../messages.ts";
import { openExportedGraph } from "./exported-graph-backend.ts";
import { ModelHost, toErrorMessage } from "./model-host.ts";
import { defaultProvider } from "./session-options.ts";
import { openSlotGraph } from "./slot-graph-backend.ts";

const port = parentPort;
if (port === null) throw new Error("this module is the entry of a worker thread");
const answer = (message: WorkerAnswer) => port.postMessage(message);
const options = workerData as ModelThreadOptions;

try {
  const source = await findModelSource(options.directory);
  const backend =
    source.format === "safetensors"
      ? await openSlotGraph(options)
      : await openExportedGraph(source, options);
  const host = new ModelHost(backend);

  // Requests run one after the other, in the order they came in.
  let queue = Promise.resolve();
  port.on("message", ({ id, request }: { id: number; request: WorkerRequest }) => {
    queue = queue.then(async () => {
      try {
        answer({ type: "done", id, value: await handle(host, request) });
      } catch (error) {
        answer({ type: "failed", id, error: toErrorMessage(error) });
      }
      if (request.type === "close") port.close();
    });
  });
  answer({
    type: "opened",
    info: { ...backend.info, provider: options.provider ?? defaultProvider },
  });
} catch (error) {
  answer({ type: "failed", id: openingId, error: toErrorMessage(error) });
}

async function handle(host: ModelHost, request: WorkerRequest): Promise<unknown> {
  switch (request.type) {
    case "openSlot":
      return host.openSlot(request.settings);
    case "closeSlot":
      return host.closeSlot(request.slotId);
    case "forward":
      return host.forward(request.steps);
    case "close":
      return host.close();
  }
}
