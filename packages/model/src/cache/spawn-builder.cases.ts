import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A process that builds on command. */
export interface Builder {
  /** Sends a command and waits for the answer to it. */
  ask(command: object): Promise<string>;
  /** Kills it without a chance to tidy up, and waits until it is gone. */
  kill(): Promise<void>;
}

/** @param maxFileKilobytes a limit on every file the process writes: what a full disk looks like */
export async function spawnBuilder(maxFileKilobytes?: number): Promise<Builder> {
  const script = fileURLToPath(new URL("./build-child.cases.ts", import.meta.url));
  const node = ["--conditions", "@adaedl/source", "--import", "tsx", script];
  const limited = ["-c", `ulimit -f ${maxFileKilobytes}; exec "$@"`, "bash", process.execPath];
  const [command, args] =
    maxFileKilobytes === undefined ? [process.execPath, node] : ["bash", [...limited, ...node]];
  const child = spawn(command, args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => (await lines.next()).value ?? "the process is gone";

  const greeting = await nextLine();
  if (greeting !== "ready") throw new Error(`the builder did not start: ${greeting}`);
  return {
    ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return nextLine();
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
