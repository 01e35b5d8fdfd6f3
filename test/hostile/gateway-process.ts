import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@adaedl/testing";
import { startStubDraftService } from "../gateway/stub-draft-service.ts";
import { peakMemory } from "./memory.ts";

/** A gateway in a process of its own, with the heap of a small container. */
export interface GatewayProcess extends AsyncDisposable {
  readonly port: number;
  /** Highest so far, in bytes; Linux alone says it. */
  peakMemory(): number;
  /** Resolves with its exit code once it is gone. */
  stop(): Promise<number | null>;
}

const command = fileURLToPath(new URL("../../packages/cli/bin/adaedl.js", import.meta.url));

/** Resolves once its draft service serves. */
export async function startGatewayProcess(
  draftService: string,
  flags: readonly string[] = [],
): Promise<GatewayProcess> {
  const listen = ["--listen", "127.0.0.1:0", "--draft-service", draftService];
  const args = [command, "serve", "gateway", ...listen, "--log-level", "info", ...flags];
  const child = spawn(process.execPath, ["--max-old-space-size=256", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 25_000);
    const code = await exited;
    clearTimeout(timer);
    return code;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, address } = JSON.parse(line) as { msg?: string; address?: string };
    if (msg !== "ready") continue;
    child.stdout.resume();
    const port = Number(address?.split(":").at(-1));
    const isReady = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
    await waitUntil("the gateway is ready", isReady);
    return {
      port,
      peakMemory: () => peakMemory(child.pid as number),
      stop,
      [Symbol.asyncDispose]: async () => void (await stop()),
    };
  }
  throw new Error("the gateway ended before it was ready");
}

/** A gateway in front of a draft service that answers with three tokens. */
export async function startAttackedGateway(): Promise<GatewayProcess> {
  const draft = await startStubDraftService({ numTokens: 3, ends: true });
  const gateway = await startGatewayProcess(draft.address);
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await draft[Symbol.asyncDispose]();
    },
  };
}

/** Sends these bytes, reads nothing unless told to, and never throws. */
export async function openConnection(port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  socket.pause();
  socket.write(bytes);
  return socket;
}

/** A request with a body of its own head: `length` may be more than is sent. */
export function postOf(body: string, length = Buffer.byteLength(body)): string {
  const head = `POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
  return `${head}\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
