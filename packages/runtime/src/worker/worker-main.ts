// Entry of the worker thread of one model. Inference blocks this thread and no other.

import { type MessagePort, workerData } from "node:worker_threads";
import { AdaedlError } from "@adaedl/core";
import { findModelSource } from "@adaedl/model/graphs";
import { emulatedTimeOf } from "../emulated-time.ts";
import {
  defaultProvider,
  type ModelThreadOptions,
  type SlotResult,
  type WorkerRequest,
} from "../messages.ts";
import { takeAtLeast } from "./emulate.ts";
import { openExportedGraph } from "./exported-graph-backend.ts";
import { ModelSlots } from "./model-slots.ts";
import { serveRequests } from "./serve-requests.ts";
import { openSlotGraph } from "./slot-graph-backend.ts";

async function open(signal: AbortSignal) {
  const options = await receiveOptions(workerData as MessagePort);
  const source = await findModelSource(options.directory);
  const backend =
    source.format === "safetensors"
      ? await openSlotGraph(options, signal)
      : await openExportedGraph(source, options);
  return { backend, options, parallel: source.parallel };
}

/** @throws AdaedlError `cancelled` when the host has none */
async function receiveOptions(port: MessagePort): Promise<ModelThreadOptions> {
  const options = await new Promise<ModelThreadOptions | undefined>((resolve) => {
    port.once("message", resolve);
  });
  port.close();
  if (options === undefined) throw new AdaedlError("cancelled", "nobody waits any more");
  return options;
}

async function handle(
  host: ModelSlots,
  request: WorkerRequest,
  emulatedTime: ReturnType<typeof emulatedTimeOf>,
): Promise<unknown> {
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

/** Of the answer to a forward: kilobytes a row, copies of the model's own already. */
function logitsOf(value: unknown): ArrayBuffer[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly SlotResult[]).flatMap((result) =>
    "error" in result
      ? []
      : result.rows.flatMap((row) =>
          row.kind === "logits" ? [row.logits.buffer as ArrayBuffer] : [],
        ),
  );
}

await serveRequests(
  open,
  ({ backend }) => backend.close(),
  ({ backend, options, parallel }) => {
    const emulatedTime = emulatedTimeOf(options);
    const host = new ModelSlots(backend, parallel?.maskTokenId);
    const provider = options.provider ?? defaultProvider;
    return {
      info: { ...backend.info, provider, parallel },
      handle: (request: WorkerRequest) => handle(host, request, emulatedTime),
      handsOver: logitsOf,
      ahead: async () => (await backend.openAhead?.()) ?? false,
    };
  },
);
