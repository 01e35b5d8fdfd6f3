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

test("a stream that ends as it should tells its tokens, and when the first came", async () => {
  const client = await clientOf((_, response) => {
    response.write("data: {}\n\n");
    setTimeout(() => response.end(end), 50);
  });
  const outcome = await client.stream({ body: {} });
  expect(outcome).toMatchObject({ status: 200, numTokens: 3, isComplete: true });
  expect(outcome.totalMs - outcome.firstMs).toBeGreaterThan(40);
});

test("a refusal is complete; a stream without its end, or that breaks off, is not", async () => {
  const refusing = await clientOf((_, response) => response.writeHead(503).end("{}"));
  const endless = await clientOf((_, response) => response.end("data: {}\n\n"));
  const broken = await clientOf((_, response) => {
    response.write("data: {}\n\n", () => response.destroy());
  });
  const silent = await clientOf((request) => request.socket.destroy());
  const outcomes = await Promise.all(
    [refusing, endless, broken, silent].map((client) => client.stream({ body: {} })),
  );
  expect(outcomes.map(({ status, isComplete }) => [status, isComplete])).toEqual([
    [503, true],
    [200, false],
    [200, false],
    [0, false],
  ]);
});

test("an aborted stream is an outcome too", async () => {
  const client = await clientOf((_, response) => response.write("data: {}\n\n"));
  const ending = new AbortController();
  const onFirst = () => ending.abort();
  const outcome = await client.stream({ body: {}, signal: ending.signal, onFirst });
  expect(outcome).toMatchObject({ status: 200, isComplete: false });
});
