import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../../packages/cli/bin/adaedl.js", import.meta.url));

/** A verifier in a process of its own, on a port that stays the same when it is started again. */
export interface VerifierProcess {
  readonly port: number;
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it has ended. */
  ended(): Promise<number | null>;
}

export async function createVerifierProcess(
  args: readonly string[] = [],
): Promise<VerifierProcess> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const listen = ["--listen", `127.0.0.1:${port}`, "--threads", "1"];
  return {
    port,
    async start() {
      const started = spawn(process.execPath, [entry, "serve", "verifier", ...listen, ...args], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      child = started;
      for await (const line of createInterface({ input: started.stdout })) {
        if (!line.includes('"ready"')) continue;
        started.stdout.resume();
        return;
      }
      throw new Error("the verifier did not start");
    },
    signal: (name) => void child?.kill(name),
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
    async ended() {
      if (child === undefined) return null;
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      return child.exitCode;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
