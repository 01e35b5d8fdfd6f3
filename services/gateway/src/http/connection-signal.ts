import type { ServerResponse } from "node:http";
import { AdaedlError } from "@adaedl/core";

/**
 * Aborted when the client is gone before its answer is complete, or everything is to end. No
 * `AbortSignal.any`: in Node 20 a signal that lives on keeps a little of each that was made of it.
 */
export function connectionSignal(response: ServerResponse, ended: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const onEnded = () => controller.abort(ended.reason);
  if (ended.aborted) onEnded();
  else ended.addEventListener("abort", onEnded);
  const onClose = () => {
    ended.removeEventListener("abort", onEnded);
    if (!response.writableFinished)
      controller.abort(new AdaedlError("cancelled", "the client went away"));
  };
  if (response.destroyed) onClose();
  else response.once("close", onClose);
  return controller.signal;
}

/** Calls back when the answer was sent, or its client is gone; at once where that is so already. */
export function whenAnswered(response: ServerResponse, call: () => void): void {
  if (response.destroyed) call();
  else response.once("close", call);
}
