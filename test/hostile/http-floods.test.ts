import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startStubDraftService } from "../gateway/stub-draft-service.ts";
import {
  type GatewayProcess,
  openConnection,
  postOf,
  startAttackedGateway,
  startGatewayProcess,
} from "./gateway-process.ts";
import { memoryLimit } from "./memory.ts";
import { otherClient } from "./other-client.ts";

const patience = { timeout: 60_000, interval: 50 };

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startAttackedGateway();
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const held: Socket[] = [];
afterEach(() => {
  for (const socket of held.splice(0)) socket.destroy();
});
async function hold(numConnections: number, bytes: string, { port } = gateway): Promise<Socket[]> {
  const opening = Array.from({ length: numConnections }, () => openConnection(port, bytes));
  const sockets = await Promise.all(opening);
  held.push(...sockets);
  return sockets;
}
const numOpen = (sockets: readonly Socket[]) => sockets.filter(({ closed }) => !closed).length;

test.each<[what: string, bytes: string, numConnections: number]>([
  ["connections without a byte", "", 2_200],
  ["halves of headers", `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(8_000)}`, 2_200],
  ["halves of bodies", postOf("x".repeat(1_000_000), 1 << 20), 64],
  [
    "requests that are never read",
    "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20),
    100,
  ],
])(
  "%s: others are served",
  async (title, bytes, numConnections) => {
    const others = otherClient(gateway.port);
    const sockets = await hold(numConnections, bytes);
    for (const socket of sockets) socket.resume();
    expect(await others.stop(title)).toBeGreaterThan(0);
    const last = otherClient(gateway.port);
    expect(await last.stop()).toBeGreaterThan(0);
    expect(gateway.peakMemory()).toBeLessThan(memoryLimit);
  },
  120_000,
);

test("headers without an end are refused by their length, or by their time", async () => {
  const [slow] = (await hold(1, "GET / HTTP/1.1\r\nhost: localhost\r\n")) as [Socket];
  const [body] = (await hold(1, postOf("x", 2))) as [Socket];
  const dripping = setInterval(() => slow.write("x"), 500);
  const [long] = (await hold(1, `GET / HTTP/1.1\r\nx: ${"x".repeat(60 << 20)}`)) as [Socket];
  const refused = (socket: Socket) => text(socket).catch(() => "");
  await refused(long); // closed before the rest is read, so the answer may be lost
  expect(gateway.peakMemory()).toBeLessThan(memoryLimit);
  expect(await refused(slow)).toMatch(/^HTTP\/1.1 408 /);
  clearInterval(dripping);
  expect(numOpen([body])).toBe(1); // a whole request may take longer than its headers
}, 120_000);

test("whole answers that nobody reads give their places back, and let a drain end", async () => {
  const answer = { numTokens: 60, text: "x".repeat(100_000), ends: true };
  await using verbose = await startStubDraftService(answer);
  const flags = ["--write-timeout", "1", "--max-requests", "4"];
  await using small = await startGatewayProcess(verbose.address, flags);
  const ask = () => hold(4, postOf(JSON.stringify({ prompt: "a" })), small);
  const running = async () => {
    const metrics = await (await fetch(`http://localhost:${small.port}/metrics`)).text();
    return Number(/^adaedl_num_requests_running (\d+)/m.exec(metrics)?.[1]);
  };
  const sockets = await ask();
  await expect.poll(() => verbose.numBegun, patience).toBe(4);
  await expect.poll(running, patience).toBe(0);
  for (const socket of sockets) socket.resume();
  await expect.poll(() => numOpen(sockets), patience).toBe(0);

  await ask();
  await expect.poll(() => verbose.numBegun, patience).toBe(8);
  await expect.poll(() => verbose.numRunning, patience).toBe(0); // all is written
  expect(await small.stop()).toBe(0); // not killed: a drain may take 30 s
}, 120_000);
