import { AdaedlError, throwIfAborted } from "@adaedl/core";

/**
 * The promise, or what the signal is aborted with before it has settled.
 * @param because what was waited for, put into the message; the code stays that of the abort
 */
export async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  because?: () => string,
): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      const error = AdaedlError.fromAbort(signal.reason);
      reject(because === undefined ? error : new AdaedlError(error.code, because()));
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    throwIfAborted(signal);
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
