import { AdaedlError } from "@adaedl/core";

/** How long a peer may say nothing; too long ends everything that waits for it. */
export interface Silence {
  /** Aborted by a silence that is too long, by `end` and by the outer signal. */
  readonly signal: AbortSignal;
  /** Counts from now on. @param allowedMs infinite where nothing is to be said */
  begin(allowedMs: number): void;
  /** Counts no longer. */
  end(reason: AdaedlError): void;
}

export function createSilence(outer: AbortSignal | undefined): Silence {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = (reason: unknown) => {
    clearTimeout(timer);
    outer?.removeEventListener("abort", onAbort);
    controller.abort(reason);
  };
  const onAbort = () => end(outer?.reason);
  if (outer?.aborted) onAbort();
  else outer?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    begin(allowedMs) {
      clearTimeout(timer);
      if (controller.signal.aborted || !Number.isFinite(allowedMs)) return;
      const what = `the verifier sent neither an answer nor progress for ${allowedMs} ms`;
      timer = setTimeout(() => end(new AdaedlError("deadline_exceeded", what)), allowedMs);
    },
    end,
  };
}
