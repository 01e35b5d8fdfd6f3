import { Worker } from "node:worker_threads";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import {
  type ErrorMessage,
  type ModelInfo,
  type ModelThreadOptions,
  openingId,
  type SlotResult,
  type SlotSettings,
  type SlotStep,
  type WorkerAnswer,
  type WorkerRequest,
} from "./messages.ts";
import { workerEntry } from "./worker-entry.ts";

/** Requests that may wait for the worker; more is a caller that does not wait for answers. */
const maxPending = 1024;
const closeTimeoutMs = 5000;

/** A model in a thread of its own. All methods return at once; nothing blocks the caller's loop. */
export interface ModelThread extends AsyncDisposable {
  readonly info: ModelInfo;
  /** Opens an empty slot; close it when the session ends. */
  openSlot(settings: SlotSettings, signal?: AbortSignal): Promise<number>;
  closeSlot(slotId: number): Promise<void>;
  /**
   * One forward over any number of slots.
   * @returns results in the order of the steps; a step that failed says so and harms no other
   * @throws AdaedlError `cancelled` when the signal aborts (the forward itself still ends),
   *   `unavailable` when the thread is gone, `resource_exhausted` when too many requests wait
   */
  forward(steps: readonly SlotStep[], signal?: AbortSignal): Promise<SlotResult[]>;
  /** Ends the running forward, frees the model and stops the thread. May be called again. */
  close(): Promise<void>;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: AdaedlError): void;
}

/**
 * Opens a model in a worker thread.
 * @throws AdaedlError when it cannot be opened; nothing is left running then
 */
export async function openModelThread(
  options: ModelThreadOptions,
  signal?: AbortSignal,
): Promise<ModelThread> {
  throwIfAborted(signal);
  const entry = workerEntry("./worker/worker-main");
  const worker = new Worker(entry.url, { ...entry.options, workerData: options });
  const pending = new Map<number, Pending>();
  let nextId = openingId + 1;
  let gone: AdaedlError | undefined;

  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const fail = (error: AdaedlError) => {
    gone ??= error;
    for (const { reject } of pending.values()) reject(gone);
    pending.clear();
  };
  worker.once("error", (error) =>
    fail(
      new AdaedlError("unavailable", `the model thread failed: ${error.message}`, { cause: error }),
    ),
  );
  worker.once("exit", () => fail(new AdaedlError("unavailable", "the model thread has ended")));
  worker.on("message", (answer: WorkerAnswer) => {
    const id = answer.type === "opened" ? openingId : answer.id;
    const waiting = pending.get(id);
    pending.delete(id);
    if (answer.type === "failed") waiting?.reject(fromErrorMessage(answer.error));
    else waiting?.resolve(answer.type === "opened" ? answer.info : answer.value);
  });

  function answerTo<T>(id: number, abort: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => {
        pending.delete(id); // the late answer finds nobody waiting
        reject(AdaedlError.from(abort?.reason));
      };
      const settle = () => abort?.removeEventListener("abort", onAbort);
      pending.set(id, {
        resolve: (value) => {
          settle();
          resolve(value as T);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      abort?.addEventListener("abort", onAbort, { once: true });
    });
  }
  async function ask<T>(request: WorkerRequest, abort?: AbortSignal): Promise<T> {
    throwIfAborted(abort);
    if (gone !== undefined) throw gone;
    if (pending.size >= maxPending)
      throw new AdaedlError("resource_exhausted", `${maxPending} requests wait for the model`);
    const id = nextId++;
    const result = answerTo<T>(id, abort);
    worker.postMessage({ id, request });
    return result;
  }
  async function end(): Promise<void> {
    if (gone === undefined) {
      const closing = ask({ type: "close" });
      gone = new AdaedlError("unavailable", "the model was closed");
      await Promise.race([closing.catch(() => {}), timeout(closeTimeoutMs)]);
    }
    await worker.terminate();
    await exited;
  }

  let ended: Promise<void> | undefined;
  const close = () => {
    ended ??= end();
    return ended;
  };

  let info: ModelInfo;
  try {
    info = await answerTo<ModelInfo>(openingId, signal);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    info,
    openSlot: (settings, abort) => ask({ type: "openSlot", settings }, abort),
    // Slots go with their thread: one that is gone has nothing left to close.
    closeSlot: async (slotId) => (gone ? undefined : ask({ type: "closeSlot", slotId })),
    forward: (steps, abort) => ask({ type: "forward", steps }, abort),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function fromErrorMessage({ code, message, stack }: ErrorMessage): AdaedlError {
  const error = new AdaedlError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
