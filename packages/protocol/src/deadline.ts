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
