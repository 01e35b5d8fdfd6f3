import { AdaedlError } from "@adaedl/core";
import { exitCodes } from "./fail.ts";

/** What ends a command from outside. */
export interface Interruption {
  /** Aborted when the command shall end. */
  readonly signal: AbortSignal;
  /** The exit code that follows from it; undefined while nothing happened. */
  readonly exitCode: number | undefined;
}

/**
 * Watches for Ctrl-C and for a reader of stdout that went away (`| head`), so that the models are
 * closed in either case. A second Ctrl-C ends the process at once.
 */
export function watchInterruption(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const end = (code: number, reason: string) => {
    exitCode ??= code;
    controller.abort(new AdaedlError("cancelled", reason));
  };
  process.once("SIGINT", () => end(exitCodes.interrupted, "interrupted"));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") end(exitCodes.ok, "stdout was closed");
    else controller.abort(AdaedlError.from(error));
  });
  process.stderr.on("error", () => {}); // nobody is left to be told
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
  };
}
