import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The command as it ships. */
export const adaedlEntry = fileURLToPath(
  new URL("../../packages/cli/bin/adaedl.js", import.meta.url),
);

/** `adaedl serve …` in a process of its own. */
export interface ServiceProcess {
  readonly pid: number;
  /** What its ready line says. */
  readonly ready: Readonly<Record<string, unknown>> & { readonly address: string };
  /** Every log line so far. */
  readonly lines: readonly string[];
  signal(name: NodeJS.Signals): void;
  /** The exit code, when it has ended. */
  ended(): Promise<number | null>;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
}

/** Starts a service and waits for its ready line. */
export async function startServiceProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [adaedlEntry, "serve", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const isReady = new Promise<Record<string, unknown> | undefined>((resolve) => {
    createInterface({ input: child.stdout })
      .on("line", (line) => {
        lines.push(line);
        const fields = JSON.parse(line) as Record<string, unknown>;
        if (fields.msg === "ready") resolve(fields);
      })
      .on("close", () => resolve(undefined));
  });
  const ready = await isReady;
  if (typeof ready?.address !== "string" || child.pid === undefined)
    throw new Error(`adaedl serve ${args.join(" ")} did not start: ${complaint}`);
  return {
    pid: child.pid,
    ready: { ...ready, address: ready.address },
    lines,
    signal: (name) => void child.kill(name),
    async ended() {
      if (isRunning(child)) await once(child, "exit");
      return child.exitCode;
    },
    async kill() {
      if (!isRunning(child)) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
