import { AdaedlError } from "@adaedl/core";

/**
 * Runs a part that may take so long and no longer.
 * @param what begins the sentence "… for 500 ms"
 * @param outer what else ends it
 * @throws AdaedlError `deadline_exceeded`, what the signal was aborted with, or what the part threw
 */
export async function withDeadline<T>(
  timeoutMs: number,
  what: string,
  outer: AbortSignal | undefined,
  part: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const timer = setTimeout(() => {
    ending.abort(new AdaedlError("deadline_exceeded", `${what} for ${timeoutMs} ms`));
  }, timeoutMs);
  const signal = outer ? AbortSignal.any([outer, ending.signal]) : ending.signal;
  try {
    return await part(signal);
  } catch (error) {
    // Libraries throw an error of their own for an aborted signal.
    throw signal.aborted ? AdaedlError.fromAbort(signal.reason) : error;
  } finally {
    clearTimeout(timer);
  }
}
