import { AdaedlError } from "@adaedl/core";

/**
 * Runs a part that may take so long and no longer.
 * @param what begins the sentence "… for 500 ms"
 * @param signal what else ends it
 * @throws AdaedlError `deadline_exceeded`, what the signal was aborted with, or what the part threw
 */
export async function withDeadline<T>(
  timeoutMs: number,
  what: string,
  signal: AbortSignal | undefined,
  part: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => {
    controller.abort(new AdaedlError("deadline_exceeded", `${what} for ${timeoutMs} ms`));
  }, timeoutMs);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await part(controller.signal);
  } catch (error) {
    // Libraries throw an error of their own for an aborted signal.
    throw controller.signal.aborted ? AdaedlError.fromAbort(controller.signal.reason) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Waits that follow one another, as the messages of a stream do: the first too long ends them all. */
export interface Patience {
  /** Aborted by the first wait that took too long, and by the outer signal. */
  readonly signal: AbortSignal;
  /**
   * @param what begins the sentence "… for 500 ms"
   * @param part a wait that ends when `signal` is aborted
   * @throws AdaedlError `deadline_exceeded`, what the signal was aborted with, or what the part threw
   */
  wait<T>(timeoutMs: number, what: string, part: () => Promise<T>): Promise<T>;
  /** Aborts the signal, if nothing else has. */
  end(reason: AdaedlError): void;
}

/** Like `withDeadline` for every wait, with one signal for all: signals are costly, timers are not. */
export function createPatience(outer?: AbortSignal): Patience {
  const controller = new AbortController();
  const abort = (reason: unknown) => {
    outer?.removeEventListener("abort", onAbort);
    controller.abort(reason);
  };
  const onAbort = () => abort(outer?.reason);
  if (outer?.aborted) onAbort();
  else outer?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    async wait(timeoutMs, what, part) {
      const timer = setTimeout(() => {
        abort(new AdaedlError("deadline_exceeded", `${what} for ${timeoutMs} ms`));
      }, timeoutMs);
      try {
        return await part();
      } finally {
        clearTimeout(timer);
      }
    },
    end: abort,
  };
}
