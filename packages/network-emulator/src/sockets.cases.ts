import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Endpoint } from "./connection.ts";

/** A server of one test, with the sockets that it has accepted. */
export interface TestServer extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly sockets: readonly Socket[];
  /** The socket accepted as number `index`, as soon as there is one. */
  socket(index: number): Promise<Socket>;
}

/** Listens on 127.0.0.1. */
export async function startServer(onSocket: (socket: Socket) => void = () => {}) {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { host: "127.0.0.1", port },
    sockets,
    async socket(index) {
      await until(() => sockets.length > index);
      return sockets[index] as Socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  } satisfies TestServer;
}

/** A server that sends back what it gets, and its end. */
export const startEchoServer = () => startServer((socket) => void socket.pipe(socket));

/** Connects to a port of 127.0.0.1; errors are for `outcome` to tell. */
export function dial(port: number): Socket {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
  socket.on("error", () => {});
  return socket;
}

/** Resolves when the condition holds, and rejects when it doesn't within 10 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (const start = performance.now(); !condition(); await sleep(2))
    if (performance.now() - start > 10_000) throw new Error(`not so in 10 s: ${condition}`);
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What a socket received, and how it ended: `end`, or the code of its error. */
export interface Outcome {
  readonly bytes: Buffer;
  readonly ending: string;
}

/** Reads to the end or the error of the socket. Call it before anything can arrive. */
export function outcome(socket: Socket): Promise<Outcome> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    const finish = (ending: string) => resolve({ bytes: Buffer.concat(chunks), ending });
    socket.on("end", () => finish("end"));
    socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}

/** Counts the bytes that a socket receives. */
export function countBytes(socket: Socket): { readonly numBytes: number } {
  const count = { numBytes: 0 };
  socket.on("data", (chunk) => {
    count.numBytes += chunk.length;
  });
  return count;
}
