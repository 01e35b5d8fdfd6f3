import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { readBody } from "./read-body.ts";
import { WaitingConnections } from "./waiting-connections.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Answers each request with the length of its body, once that is whole. */
async function serve(maxConnections: number, maxBytes: number): Promise<number> {
  const waiting = new WaitingConnections({ maxConnections, maxBytes });
  const server = createServer(async (request, response) => {
    const body = await readBody(request, waiting, 1 << 20).catch(() => undefined);
    if (body === undefined) return;
    waiting.remove(request.socket);
    response.end(String(body.length));
  });
  waiting.watch(server, "connection");
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Sends these bytes, and no more. */
async function hold(port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  await new Promise((sent) => socket.write(bytes, sent));
  return socket;
}

async function post(port: number, body: string): Promise<string> {
  const headers = { "content-length": body.length };
  const asked = request({ port, method: "POST", agent: false, headers }).end(body);
  const [answer] = await once(asked, "response");
  return String(await buffer(answer));
}

const head = (length: number) => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`;
const isOpen = (sockets: readonly Socket[]) => sockets.map(({ closed }) => !closed);

test("of connections without a request the oldest are closed when there are too many", async () => {
  const port = await serve(3, 1 << 20);
  const held: Socket[] = [];
  for (const bytes of ["", "GET / HT", head(9), head(9)]) held.push(await hold(port, bytes));
  await expect.poll(() => isOpen(held)).toEqual([false, true, true, true]);
  expect(await post(port, "12345")).toBe("5");
  await expect.poll(() => isOpen(held)).toEqual([false, false, true, true]);
});

test("of halves of bodies the oldest are closed when they hold too much", async () => {
  const port = await serve(100, 1 << 20); // two of half a million bytes
  const held: Socket[] = [await hold(port, "")];
  for (let index = 0; index < 4; index++)
    held.push(await hold(port, head(500_000) + "x".repeat(400_000)));
  await expect.poll(() => isOpen(held)).toEqual([true, false, false, true, true]);
  expect(await post(port, "y".repeat(500_000))).toBe("500000");
  await expect.poll(() => isOpen(held).filter(Boolean).length).toBe(2);
});

test("a body that comes byte by byte takes no more than its size", async () => {
  const port = await serve(100, 1 << 20);
  const numChunks = 100_000;
  const socket = await hold(
    port,
    head(0).replace("content-length: 0", "transfer-encoding: chunked"),
  );
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await new Promise((sent) => socket.write("1\r\nx\r\n".repeat(numChunks), sent));
  socket.write("0\r\n\r\n");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/100000$/);
  globalThis.gc?.();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 << 20);
});
