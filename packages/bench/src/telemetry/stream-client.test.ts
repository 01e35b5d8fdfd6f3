import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { openStreamClient } from "./stream-client.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function clientOf(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = openStreamClient(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  closing.push(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return client;
}

const end = 'data: {"timings":{"predicted_n":3}}\n\ndata: [DONE]\n\n';

const signal = new AbortController().signal;

test("a stream that ends as it should tells its tokens", async () => {
  const client = await clientOf((_, response) => {
    response.write("data: {}\n\n");
    response.end(end);
  });
  expect(await client.stream({}, signal)).toBe(3);
});

test.each<[string, RequestListener, RegExp]>([
  ["is refused", (_, response) => response.writeHead(503).end("full"), /got status 503: full/],
  ["has no end", (_, response) => response.end("data: {}\n\n"), /got status 200: data/],
  [
    "breaks off",
    (_, response) => response.write("data: {}\n\n", () => response.destroy()),
    /aborted/,
  ],
  ["gets no answer", ({ socket }) => socket.destroy(), /hang up/],
])("a stream that %s is an error", async (_, answer, complaint) => {
  const client = await clientOf(answer);
  await expect(client.stream({}, signal)).rejects.toThrow(complaint);
});

test("an aborted stream ends", async () => {
  const ending = new AbortController();
  const client = await clientOf((_, response) => {
    response.write("data: {}\n\n", () => ending.abort());
  });
  await expect(client.stream({}, ending.signal)).rejects.toThrow(/abort/);
});
