import { afterEach, expect, test } from "vitest";
import { logLibraryOutput } from "./library-output.ts";

const { error, warn, log, dir, info, debug, trace } = console;
const listeners = process.listeners("warning");
const rejectionListeners = process.listeners("unhandledRejection");
afterEach(() => {
  Object.assign(console, { error, warn, log, dir, info, debug, trace });
  process.removeAllListeners("warning");
  for (const listener of listeners) process.on("warning", listener);
  process.removeAllListeners("unhandledRejection");
  for (const listener of rejectionListeners) process.on("unhandledRejection", listener);
});

test("a promise that fails and that nobody waits for is a log line", async () => {
  process.removeAllListeners("unhandledRejection"); // the test runner's
  const lines: unknown[] = [];
  const error = (fields: object, message: string) => void lines.push({ ...fields, message });
  logLibraryOutput({ debug() {}, info() {}, warn() {}, error });
  void Promise.reject("gone");
  await new Promise(setImmediate);
  const message = "a promise failed that nobody waited for";
  expect(lines).toEqual([{ source: "node", reason: "gone", message }]);
});

test("what libraries print, and warnings of Node, are log lines of one line each", async () => {
  const lines: unknown[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, ...fields, message });
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  logLibraryOutput(logger);
  console.error("E Failed to connect to %s", "a:1", { port: 1 });
  console.log("ready");
  console.debug("D trace");
  process.emitWarning("deprecated", "DeprecationWarning");
  await new Promise(setImmediate);
  const source = "library";
  expect(lines).toEqual([
    { level: "warn", source, message: "E Failed to connect to a:1 { port: 1 }" },
    { level: "info", source, message: "ready" },
    { level: "debug", source, message: "D trace" },
    { level: "warn", source: "node", warning: "DeprecationWarning", message: "deprecated" },
  ]);
});
