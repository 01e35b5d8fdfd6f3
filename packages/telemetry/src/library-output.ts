import { format } from "node:util";
import type { Logger } from "./logger.ts";

/**
 * Turns what libraries print by themselves (`console.*`, warnings of Node) into log lines, so that every
 * line of a service is JSON; ours go through the logger and are not touched. A promise that fails and that
 * nobody waits for is one such line, and the process goes on; an exception that nobody catches ends it.
 */
export function logLibraryOutput(logger: Logger): void {
  const to =
    (level: keyof Logger) =>
    (...args: unknown[]) =>
      logger[level]({ source: "library" }, format(...args));
  Object.assign(console, {
    error: to("warn"), // a failure of ours is an error that we log ourselves
    warn: to("warn"),
    log: to("info"),
    dir: to("info"),
    info: to("info"),
    debug: to("debug"),
    trace: to("debug"),
  });
  process.removeAllListeners("warning"); // Node's own, which prints
  process.on("warning", ({ name, message }) =>
    logger.warn({ source: "node", warning: name }, message),
  );
  // A promise of a library that nobody waits for is no reason to end what everybody else waits for.
  process.on("unhandledRejection", (reason) =>
    logger.error(
      { source: "node", reason: format(reason) },
      "a promise failed that nobody waited for",
    ),
  );
}
