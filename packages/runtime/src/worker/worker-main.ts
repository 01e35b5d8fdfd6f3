// Entry of the worker thread of one model. Inference blocks this thread and no other.

import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import { findModelSource } from "@adaedl/model/graphs";
import { emulatedTimeOf } from "../emulated-time.ts";
import {
  defaultProvider,
  type HostMessage,
  type ModelThreadOptions,
  openingId,
  type WorkerAnswer,
  type WorkerRequest,
} from "../messages.ts";
import { takeAtLeast } from "./emulate.ts";
import { openExportedGraph } from "./exported-graph-backend.ts";
import { ModelSlots, toErrorMessage } from "./model-slots.ts";
import { openSlotGraph } from "./slot-graph-backend.ts";

const port = parentPort;
if (port === null) throw new Error("this module is the entry of a worker thread");
const answer = (message: WorkerAnswer) => port.postMessage(message);
// The host has the log.
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => answer({ type: "warning", name, message }));
const options = workerData as ModelThreadOptions;
const emulatedTime = emulatedTimeOf(options);

/** Until the model is open, the only message that counts is that nobody waits for it any more. */
const opening = new AbortController();
const onOpening = (message: HostMessage) => {
  if ("cancelledId" in message && message.cancelledId === openingId) opening.abort();
};
port.on("message", onOpening);

try {
  const source = await findModelSource(options.directory);
  const backend =
    source.format === "safetensors"
      ? await openSlotGraph(options, opening.signal)
      : await openExportedGraph(source, options);
  if (opening.signal.aborted) await backend.close();
  throwIfAborted(opening.signal);
  const host = new ModelSlots(backend, source.parallel?.maskTokenId);

  port.off("message", onOpening);
  // Requests run one after the other, in the order they came in.
  let queue = Promise.resolve();
  let lastId = openingId;
  const cancelledIds = new Set<number>();
  port.on("message", (message: HostMessage) => {
    if ("cancelledId" in message) {
      if (message.cancelledId === openingId) port.close(); // crossed our answer on its way
      if (message.cancelledId > lastId) cancelledIds.add(message.cancelledId);
      return;
    }
    const { id, request } = message;
    queue = queue.then(async () => {
      await nextTurn(); // cancellations that came in during the last forward count
      lastId = id;
      try {
        if (cancelledIds.delete(id)) throw new AdaedlError("cancelled", "nobody waits any more");
        answer({ type: "done", id, value: await handle(host, request) });
      } catch (error) {
        answer({ type: "failed", id, error: toErrorMessage(error) });
      }
      if (request.type === "close") port.close();
    });
  });
  answer({
    type: "opened",
    info: {
      ...backend.info,
      provider: options.provider ?? defaultProvider,
      parallel: source.parallel,
    },
  });
  // One after the other, so that requests are answered in between. What fails here fails where it is needed, too.
  const openAhead = async (): Promise<void> => {
    await nextTurn();
    if (await backend.openAhead?.().catch(() => false)) queue = queue.then(openAhead);
  };
  queue = queue.then(openAhead);
} catch (error) {
  answer({ type: "failed", id: openingId, error: toErrorMessage(error) });
  port.close(); // nothing keeps the thread alive then
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
