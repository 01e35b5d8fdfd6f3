// Entry of the worker thread of one model. Inference blocks this thread and no other.

import { workerData } from "node:worker_threads";
import { findModelSource } from "@adaedl/model/graphs";
import { emulatedTimeOf } from "../emulated-time.ts";
import { defaultProvider, type ModelThreadOptions, type WorkerRequest } from "../messages.ts";
import { takeAtLeast } from "./emulate.ts";
import { openExportedGraph } from "./exported-graph-backend.ts";
import { ModelSlots } from "./model-slots.ts";
import { serveRequests } from "./serve-requests.ts";
import { openSlotGraph } from "./slot-graph-backend.ts";

const options = workerData as ModelThreadOptions;
const emulatedTime = emulatedTimeOf(options);

async function open(signal: AbortSignal) {
  const source = await findModelSource(options.directory);
  const backend =
    source.format === "safetensors"
      ? await openSlotGraph(options, signal)
      : await openExportedGraph(source, options);
  return { backend, parallel: source.parallel };
}

async function handle(host: ModelSlots, request: WorkerRequest): Promise<unknown> {
  switch (request.type) {
    case "openSlot":
      return host.openSlot(request.settings);
    case "forkSlot":
      return host.forkSlot(request.slotId);
    case "closeSlot":
      return host.closeSlot(request.slotId);
    case "forward":
      return takeAtLeast(emulatedTime, request.steps, () => host.forward(request.steps));
    case "close":
      return host.close();
  }
}

await serveRequests(
  open,
  ({ backend }) => backend.close(),
  ({ backend, parallel }) => {
    const host = new ModelSlots(backend, parallel?.maskTokenId);
    const provider = options.provider ?? defaultProvider;
    return {
      info: { ...backend.info, provider, parallel },
      handle: (request: WorkerRequest) => handle(host, request),
      ahead: async () => (await backend.openAhead?.()) ?? false,
    };
  },
);
