import { setMaxListeners } from "node:events";
import { AdaedlError } from "@adaedl/core";
import { exitCodes, printLine } from "./fail.ts";

/** Ends a command early. Services have signal handling of their own, so it begins when asked for. */
export interface Interruption {
  /** Watches from the first call on. */
  watch(): AbortSignal;
  readonly isInterrupted: boolean;
}

export function createInterruption(): Interruption {
  let signal: AbortSignal | undefined;
  return {
    watch() {
      signal ??= watchInterruption();
      return signal;
    },
    get isInterrupted() {
      return signal?.aborted ?? false;
    },
  };
}

/**
 * Watches for Ctrl-C, SIGTERM and a reader of stdout that went away (`| head`), so that the models are
 * closed in either case. Sets the exit code that follows. A second signal ends the process at once.
 * @returns a signal that is aborted when the command shall end
 */
function watchInterruption(): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // everything a command does may wait for it
  const end = (exitCode: number, reason: string) => {
    process.exitCode = exitCode;
    controller.abort(new AdaedlError("cancelled", reason));
  };
  process.once("SIGINT", () => end(exitCodes.interrupted, "interrupted"));
  process.once("SIGTERM", () => end(exitCodes.terminated, "terminated"));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return end(exitCodes.ok, "stdout was closed");
    printLine(`stdout cannot be written: ${error.message}`);
    end(exitCodes.failure, error.message);
  });
  process.stderr.on("error", () => {}); // nobody is left to be told
  return controller.signal;
}
