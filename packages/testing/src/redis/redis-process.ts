import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { atExit } from "../at-exit.ts";
import { findRedisServer } from "./find-redis-server.ts";

/** A Redis in a process of its own. Its port stays the same when it is started again. */
export interface RedisProcess {
  readonly url: string;
  readonly port: number;
  /** Its working directory; removed when it is closed. */
  readonly directory: string;
  /**
   * Starts it after it was stopped or killed, and waits until it answers.
   *
   * @throws Error when it runs already, ends at once or does not answer
   */
  start(): Promise<void>;
  /** Sends a signal, such as SIGSTOP and SIGCONT. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and gone. */
  stop(): Promise<void>;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** Kills it and removes its directory. */
  close(): Promise<void>;
}

/** What a process is started from. */
export interface RedisProcessOptions {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** Arguments of redis-server. */
  readonly args: readonly string[];
  /** Resolves when the server answers. */
  ping(): Promise<void>;
}

const startTimeoutMs = 20_000;
const maxLogLength = 2_000;

/** Starts a redis-server. The directory is removed as well when that fails. */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const { url, port, directory, args, ping } = options;
  let running: ChildProcess | undefined;
  const forget = atExit(() => {
    running?.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    if (running !== undefined) throw new Error(`the redis-server on port ${port} runs already`);
    const path = await findRedisServer();
    const child = spawn(path, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    running = child;
    child.once("close", () => {
      running = undefined;
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        log = (log + text).slice(-maxLogLength);
      });
    await once(child, "spawn");
    const endMs = performance.now() + startTimeoutMs;
    for (;;) {
      const problem = await ping().then(
        () => undefined,
        (error: Error) => error,
      );
      if (running !== child) throw new Error(`redis-server ${args.join(" ")} ended: ${log.trim()}`);
      if (problem === undefined) return;
      if (performance.now() > endMs)
        throw new Error(`redis-server ${args.join(" ")} does not answer: ${problem.message}`);
      await setTimeout(10);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = running;
    if (child === undefined) return;
    child.kill(signal);
    await once(child, "close");
  }

  async function close(): Promise<void> {
    await end("SIGKILL");
    await rm(directory, { recursive: true, force: true });
    forget();
  }

  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    port,
    directory,
    start,
    signal: (name) => void running?.kill(name),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    close,
  };
}
