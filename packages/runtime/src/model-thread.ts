import { MessageChannel } from "node:worker_threads";
import { invalidField, throwIfAborted } from "@adaedl/core";
import { emulatedTimeOf } from "./emulated-time.ts";
import type {
  ModelInfo,
  ModelThreadOptions,
  SlotResult,
  SlotSettings,
  SlotStep,
  WorkerRequest,
} from "./messages.ts";
import { openWorkerChannel } from "./worker-channel.ts";
import { workerEntry } from "./worker-entry.ts";

export const maxThreads = 256;

/** A model in a thread of its own. All methods return at once; nothing blocks the caller's loop. */
export interface ModelThread extends AsyncDisposable {
  readonly info: ModelInfo;
  /** Opens an empty slot; close it when the session ends. */
  openSlot(settings: SlotSettings, signal?: AbortSignal): Promise<number>;
  /**
   * Opens another slot with the settings of one and a copy of its KV entries: what both begin with is
   * computed once.
   */
  forkSlot(slotId: number, signal?: AbortSignal): Promise<number>;
  closeSlot(slotId: number): Promise<void>;
  /**
   * One forward over any number of slots.
   * @returns results in the order of the steps; a step that is wrong in itself says so and harms no
   *   other (where the forward itself fails, all of its steps do, and this throws)
   * @throws AdaedlError `cancelled` when the signal aborts (a forward that has begun ends, one that
   *   waits does not begin), `unavailable` when the thread is gone, `resource_exhausted` when too
   *   many requests wait
   */
  forward(steps: readonly SlotStep[], signal?: AbortSignal): Promise<SlotResult[]>;
  /** Ends the running forward, frees the model and stops the thread. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens a model in a worker thread.
 * @param options where they are a promise, the thread starts at once and loads its code meanwhile
 * @throws AdaedlError when it cannot be opened, or what the options are rejected with; nothing is left running then
 */
export async function openModelThread(
  options: ModelThreadOptions | Promise<ModelThreadOptions>,
  signal?: AbortSignal,
): Promise<ModelThread> {
  if (options instanceof Promise) options.catch(() => {}); // awaited below, where nothing fails before
  throwIfAborted(signal);
  if (!(options instanceof Promise)) check(options); // what is wrong is known before a thread starts
  const { port1: sending, port2: receiving } = new MessageChannel();
  const channel = openWorkerChannel<WorkerRequest>(
    workerEntry("./worker/worker-main"),
    receiving,
    "model",
    [receiving],
  );
  // Slots go with their thread: one that is gone has nothing left to close.
  const closeSlot = async (slotId: number) => {
    if (!channel.isGone) await channel.ask({ type: "closeSlot", slotId });
  };
  try {
    const opened = channel.opened<ModelInfo>(signal);
    opened.catch(() => {}); // awaited below
    // A thread that dies and an abort end the wait, too.
    const known = await Promise.race([options, opened.then(() => options)]);
    check(known);
    sending.postMessage(known);
    const info = await opened;
    const askForSlot = (request: WorkerRequest, signal?: AbortSignal) =>
      channel.ask<number>(request, signal, (slotId) => {
        closeSlot(slotId).catch(() => {}); // nobody waits for it any more
      });
    return {
      info,
      openSlot: (settings, signal) => askForSlot({ type: "openSlot", settings }, signal),
      forkSlot: (slotId, signal) => askForSlot({ type: "forkSlot", slotId }, signal),
      closeSlot,
      forward: (steps, signal) => channel.ask({ type: "forward", steps }, signal),
      close: channel.close,
      [Symbol.asyncDispose]: channel.close,
    };
  } catch (error) {
    sending.postMessage(undefined); // ends a thread that waits for options
    await channel.close();
    throw error;
  }
}

function check(options: ModelThreadOptions): void {
  checkThreads(options.numThreads);
  emulatedTimeOf(options);
}

/** The system refuses too many threads by ending the process. */
function checkThreads(numThreads: number | undefined): void {
  if (numThreads === undefined) return;
  if (!Number.isInteger(numThreads) || numThreads < 1 || numThreads > maxThreads)
    throw invalidField("numThreads", numThreads, `must be a whole number from 1 to ${maxThreads}`);
}
