import type { ServerResponse } from "node:http";
import { AdaedlError } from "@adaedl/core";

/** Aborted when the client is gone before its answer is complete. */
export function connectionSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!response.writableFinished)
      controller.abort(new AdaedlError("cancelled", "the client went away"));
  };
  if (response.destroyed) onClose();
  else response.once("close", onClose);
  return controller.signal;
}
