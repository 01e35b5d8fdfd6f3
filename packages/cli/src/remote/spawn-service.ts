import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AdaedlError } from "@adaedl/core";

/** A service in a process of its own. */
export interface SpawnedService extends AsyncDisposable {
  /** HOST:PORT it listens on. */
  readonly address: string;
  /** Of its process, as the system numbers it; another's once it is gone. */
  readonly pid: number;
  /** Lets it drain and waits until it is gone. */
  stop(): Promise<void>;
}

const killAfterMs = 5_000;

/**
 * What Node is told besides, as in the images: docs/decisions/0016. V8's word, so a later Node
 * may not know it; 20.19, 22, 24 and 25 do.
 */
export const nodeOptions = ["--initial-old-space-size=64"];

/**
 * Starts `adaedl serve …` and waits for the line that says it is ready.
 * @param variables of its environment, besides what it inherits; undefined takes one away
 * @throws AdaedlError `unavailable` with what it said, when it ends instead
 */
export async function spawnService(
  args: readonly string[],
  signal: AbortSignal,
  variables: NodeJS.ProcessEnv = {},
): Promise<SpawnedService> {
  const command = process.argv[1] ?? fileURLToPath(new URL("../../bin/adaedl.js", import.meta.url));
  const child = spawn(
    process.execPath,
    [...nodeOptions, ...process.execArgv, command, "serve", ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment(), ...variables },
    },
  );
  const stop = () => stopChild(child);
  const onAbort = () => child.kill("SIGTERM");
  signal.addEventListener("abort", onAbort, { once: true });
  child.once("close", () => signal.removeEventListener("abort", onAbort));
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-500);
  });
  try {
    const address = await readyAddress(child);
    if (address === undefined)
      throw new AdaedlError(
        "unavailable",
        `adaedl serve ${args[0]} did not start: ${complaint.trim() || "it said nothing"}`,
      );
    const { pid } = child as { pid: number }; // it runs
    return { address, pid, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Settings that are meant for services of the user's own are no settings of these. */
function environment(): NodeJS.ProcessEnv {
  const isKept = (name: string) => !name.startsWith("ADAEDL_") || name === "ADAEDL_CACHE_DIR";
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isKept(name)));
}

/** Undefined when the output ends without it. */
async function readyAddress(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { msg, address } = JSON.parse(line) as { msg?: string; address?: string };
    if (msg !== "ready") continue;
    child.stdout.resume(); // what it says later is nobody's business, but must not fill the pipe
    return address;
  }
  return undefined;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  await closed;
  clearTimeout(timer);
}
