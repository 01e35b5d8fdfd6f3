import { AdaedlError } from "@adaedl/core";

/** The session's worker is gone, and its KV cache with it. */
export function notThere(sessionId: string): AdaedlError {
  const why = `the worker of session ${sessionId} is gone: send its prefix`;
  return new AdaedlError("not_found", why, { field: "session_id", value: sessionId });
}
