import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
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
export async function serveApart(directory: string): Promise<Served> {
  const target = ["--target", directory, "--threads", "1", "--suffix-tokens", "0"];
  const verifier = await serveOurs("verifier", ...target);
  const draft = await serveOurs("draft", "--draft", "none", "--verifier", verifier.address);
  const gateway = await serveOurs("gateway", "--no-playground", "--draft-service", draft.address);
  const all = [gateway, draft, verifier];
  return served("three services", `http://${gateway.address}`, all);
}

/** All three in one process. */
export async function serveTogether(directory: string): Promise<Served> {
  const target = ["--target", directory, "--threads", "1", "--suffix-tokens", "0"];
  const all = await serveOurs("all", ...target, "--draft", "none", "--no-playground");
  return served("one process", `http://${all.address}`, [all]);
}

export async function serveLlama(
  path: string,
  file: string,
  numStreams: number,
  contextLength: number,
): Promise<Served> {
  const port = await findFreePort();
  const cache = ["--cache-type-k", "f32", "--cache-type-v", "f32"];
  const threads = ["--threads", "1", "--threads-batch", "1", "--threads-http", "2"];
  const room = ["--parallel", `${numStreams}`, "--ctx-size", `${numStreams * contextLength}`];
  const address = ["--host", "127.0.0.1", "--port", `${port}`];
  const child = spawn(path, ["--model", file, ...cache, ...threads, ...room, ...address], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  const isHealthy = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isHealthy())) {
    if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return served("llama-server", url, [{ child }]);
}

function served(name: string, url: string, services: readonly { child: ChildProcess }[]): Served {
  const usages = services.map(({ child }) => watchProcess(child.pid as number));
  return {
    ...{ name, url },
    cpuMs: () => usages.reduce((sum, usage) => sum + usage.cpuMs(), 0),
    async close() {
      for (const { child } of services) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }
    },
  };
}

/** `adaedl serve …`, once it is ready. */
async function serveOurs(...args: string[]): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [command, "serve", ...args, ...listen], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, address } = JSON.parse(line) as { msg?: string; address?: string };
    if (msg !== "ready" || address === undefined) continue;
    child.stdout.resume();
    return { child, address };
  }
  throw new Error(`adaedl serve ${args.join(" ")} did not start`);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
