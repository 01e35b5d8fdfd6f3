import { type MessagePort, Worker } from "node:worker_threads";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import { type ErrorMessage, openingId, type WorkerAnswer } from "./messages.ts";

/** Requests that may wait for the worker; more is a caller that does not wait for answers. */
const maxPending = 1024;
/** For a tokenizer to end by itself, before it is interrupted. */
const graceMs = 2000;

/** Questions to a worker thread and their answers. */
export interface WorkerChannel<Request extends { readonly type: string }> {
  /** What the worker says about itself once it is open; fails when it cannot be opened. */
  opened<T>(signal?: AbortSignal): Promise<T>;
  /**
   * @param undo what to do with the answer to a request that was aborted but ran all the same
   * @throws AdaedlError the worker's own; `cancelled` or `deadline_exceeded` when the signal aborts;
   *   `unavailable` when the thread is gone; `resource_exhausted` when too many requests wait
   */
  ask<T>(request: Request, signal?: AbortSignal, undo?: (answer: T) => void): Promise<T>;
  readonly isGone: boolean;
  /** Lets the worker finish what it was asked for, then waits until it has ended. May be called again. */
  close(): Promise<void>;
}

/** Answers that are awaited, by the ids of their requests. */
class Pending {
  readonly #awaited = new Map<
    number,
    { resolve(value: unknown): void; reject(error: AdaedlError): void }
  >();

  get size(): number {
    return this.#awaited.size;
  }

  /**
   * @param onAbort told when the signal ends the wait
   * @param undo what to do with an answer that comes all the same
   */
  answerTo<T>(
    id: number,
    signal: AbortSignal | undefined,
    onAbort: () => void,
    undo: (answer: T) => void = () => {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const abort = () => {
        reject(AdaedlError.fromAbort(signal?.reason));
        // It counts as waiting until the worker has passed it, run or not.
        this.#awaited.set(id, { resolve: (value) => undo(value as T), reject: () => {} });
        onAbort();
      };
      const settle = () => signal?.removeEventListener("abort", abort);
      this.#awaited.set(id, {
        resolve: (value) => {
          settle();
          resolve(value as T);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  settle(answer: Exclude<WorkerAnswer, { type: "warning" }>): void {
    const id = answer.type === "opened" ? openingId : answer.id;
    const waiting = this.#awaited.get(id);
    this.#awaited.delete(id);
    if (answer.type === "failed") waiting?.reject(fromErrorMessage(answer.error));
    else waiting?.resolve(answer.type === "opened" ? answer.info : answer.value);
  }

  rejectAll(error: AdaedlError): void {
    for (const { reject } of this.#awaited.values()) reject(error);
    this.#awaited.clear();
  }
}

/**
 * A thread that calls onnxruntime is never terminated: the call would go on, and the binding would throw at its end, which
 * aborts the process. A tokenizer's thread is terminated where a pattern does not return.
 *
 * @param entry of the thread
 * @param name what the thread is for
 * @param transferList ports in `workerData`
 */
export function openWorkerChannel<Request extends { readonly type: string }>(
  entry: URL,
  workerData: unknown,
  name: "model" | "tokenizer" | "training" = "model",
  transferList: readonly MessagePort[] = [],
): WorkerChannel<Request> {
  // onnxruntime reports to its makers since 1.29, and keeps a device id, unless it is told not to before
  // it is loaded; it asks the process, not the thread. A variable that has a value already is left as it is.
  process.env.ORT_DISABLE_TELEMETRY ||= "1";
  const worker = new Worker(entry, { workerData, transferList: [...transferList] });
  const pending = new Pending();
  let nextId = openingId + 1;
  let gone: AdaedlError | undefined;

  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const fail = (error: AdaedlError) => {
    gone ??= error;
    pending.rejectAll(gone);
  };
  worker.once("error", (cause) =>
    fail(new AdaedlError("unavailable", `the ${name} thread failed: ${cause.message}`, { cause })),
  );
  worker.once("exit", () => fail(new AdaedlError("unavailable", `the ${name} thread has ended`)));
  worker.on("message", (answer: WorkerAnswer) => {
    if (answer.type === "warning") process.emitWarning(answer.message, answer.name);
    else pending.settle(answer);
  });
  const cancel = (cancelledId: number) => () => worker.postMessage({ cancelledId });

  async function ask<T>(
    request: Request,
    signal?: AbortSignal,
    undo?: (answer: T) => void,
  ): Promise<T> {
    throwIfAborted(signal);
    if (gone !== undefined) throw gone;
    // What frees something is never turned away.
    if (pending.size >= maxPending && request.type !== "closeSlot")
      throw new AdaedlError("resource_exhausted", `${maxPending} requests wait for the ${name}`);
    const id = nextId++;
    const answer = pending.answerTo<T>(id, signal, cancel(id), undo);
    worker.postMessage({ id, request });
    return answer;
  }

  async function end(): Promise<void> {
    gone ??= new AdaedlError("unavailable", `the ${name} was closed`);
    worker.postMessage({ id: nextId++, request: { type: "close" } });
    if (name === "tokenizer") {
      await Promise.race([exited, timeout(graceMs)]);
      await worker.terminate();
    }
    await exited;
  }
  let ended: Promise<void> | undefined;

  return {
    opened: (signal) => pending.answerTo(openingId, signal, cancel(openingId)),
    ask,
    get isGone() {
      return gone !== undefined;
    },
    close() {
      ended ??= end();
      return ended;
    },
  };
}

function fromErrorMessage({ code, message, stack, ...details }: ErrorMessage): AdaedlError {
  const error = new AdaedlError(code, message, details);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
