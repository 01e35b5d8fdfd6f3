import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { watchProcess } from "@adaedl/bench";

/** Processes that answer OpenAI's API together. */
export interface Served {
  readonly name: string;
  readonly url: string;
  /** Of all its processes since they began. */
  cpuMs(): number;
  close(): Promise<void>;
}

const command = fileURLToPath(new URL("../../packages/cli/bin/adaedl.js", import.meta.url));
const listen = ["--listen", "127.0.0.1:0"];

/** A verifier, a draft service and a gateway. */
export async function serveApart(directory: string, signal: AbortSignal): Promise<Served> {
  const started: ChildProcess[] = []; // the last one first: it depends on the others
  const serve = async (...args: string[]) => {
    const { child, address } = await serveOurs(args, signal);
    started.unshift(child);
    return address;
  };
  try {
    const verifier = await serve("verifier", ...targetArgs(directory));
    const draft = await serve("draft", "--draft", "none", "--verifier", verifier);
    const gateway = await serve("gateway", "--no-playground", "--draft-service", draft);
    return served("three services", `http://${gateway}`, started);
  } catch (error) {
    await endAll(started);
    throw error;
  }
}

/** All three in one process. */
export async function serveTogether(directory: string, signal: AbortSignal): Promise<Served> {
  const args = ["all", ...targetArgs(directory), "--draft", "none", "--no-playground"];
  const { child, address } = await serveOurs(args, signal);
  return served("one process", `http://${address}`, [child]);
}

const targetArgs = (directory: string) => [
  ...["--target", directory, "--threads", "1", "--suffix-tokens", "0"],
];

/** @throws Error when it cannot be run or ends before it serves, or the signal is aborted; nothing is left running then */
export async function serveLlama(
  path: string,
  file: string,
  numStreams: number,
  contextLength: number,
  signal: AbortSignal,
): Promise<Served> {
  const port = await findFreePort();
  const cache = ["--cache-type-k", "f32", "--cache-type-v", "f32"];
  const threads = ["--threads", "1", "--threads-batch", "1", "--threads-http", "2"];
  const room = ["--parallel", `${numStreams}`, "--ctx-size", `${numStreams * contextLength}`];
  const address = ["--host", "127.0.0.1", "--port", `${port}`];
  const child = spawn(path, ["--model", file, ...cache, ...threads, ...room, ...address], {
    stdio: "ignore",
  });
  await once(child, "spawn");
  const url = `http://127.0.0.1:${port}`;
  const isHealthy = () =>
    fetch(`${url}/health`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  try {
    while (!(await isHealthy())) {
      if (hasEnded(child))
        throw new Error(`${path} ended with ${child.signalCode ?? child.exitCode}`);
      await sleep(100, undefined, { signal });
    }
    return served("llama-server", url, [child]);
  } catch (error) {
    await endAll([child]);
    throw error;
  }
}

function served(name: string, url: string, children: readonly ChildProcess[]): Served {
  const usages = children.map(({ pid }) => watchProcess(pid as number));
  return {
    ...{ name, url },
    cpuMs: () => usages.reduce((sum, usage) => sum + usage.cpuMs(), 0),
    close: () => endAll(children),
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) =>
  exitCode !== null || signalCode !== null;

async function endAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (hasEnded(child)) continue; // "exit" was emitted already
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
}

/** `adaedl serve …`, once it is ready; nothing is left running when it does not get there. */
async function serveOurs(args: readonly string[], signal: AbortSignal) {
  const child = spawn(process.execPath, [command, "serve", ...args, ...listen], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const address = await readAddress(child.stdout, signal);
    if (address === undefined) throw new Error(`adaedl serve ${args.join(" ")} did not start`);
    child.stdout.resume();
    return { child, address };
  } catch (error) {
    await endAll([child]);
    throw error;
  }
}

/** From the line that says `ready`; undefined where there is none. */
async function readAddress(input: Readable, signal: AbortSignal): Promise<string | undefined> {
  for await (const line of createInterface({ input, signal })) {
    const { msg, address } = JSON.parse(line) as { msg?: string; address?: string };
    if (msg === "ready" && address !== undefined) return address;
  }
  signal.throwIfAborted();
  return undefined;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
