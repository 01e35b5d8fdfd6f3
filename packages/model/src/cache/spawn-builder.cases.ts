import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { onTestFinished } from "vitest";
import { newPath } from "../temporary-directory.cases.ts";

/** A process that builds on command. */
export interface Builder {
  /** Sends a command and waits for the answer to it. */
  ask(command: object): Promise<string>;
  /** Kills it without a chance to tidy up, and waits until it is gone. */
  kill(): Promise<void>;
}

let bundle: string | undefined;

/** The process's program, once: one that reads TypeScript itself takes five times as long to start. */
function bundleOfBuilder(): string {
  if (bundle !== undefined) return bundle;
  bundle = newPath("build-child.mjs");
  buildSync({
    entryPoints: [fileURLToPath(new URL("./build-child.cases.ts", import.meta.url))],
    outfile: bundle,
    ...{ bundle: true, platform: "node", format: "esm", target: "node20" },
    conditions: ["@adaedl/source"],
    // For CommonJS modules in it.
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
  });
  return bundle;
}

/** @param maxFileKilobytes a limit on every file the process writes: what a full disk looks like */
export async function spawnBuilder(maxFileKilobytes?: number): Promise<Builder> {
  const script = bundleOfBuilder();
  const limited = [
    "-c",
    `ulimit -f ${maxFileKilobytes}; exec "$@"`,
    "bash",
    process.execPath,
    script,
  ];
  const [command, args] =
    maxFileKilobytes === undefined ? [process.execPath, [script]] : ["bash", limited];
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
