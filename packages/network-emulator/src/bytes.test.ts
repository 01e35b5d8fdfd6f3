import { createHash, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { dial, outcome, startEchoServer, startServer } from "./sockets.cases.ts";

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

it.each([
  { roundTripMs: 0 },
  { roundTripMs: 0, sliceBytes: 700 },
  { roundTripMs: 6, jitter: 1 },
  { roundTripMs: 6, jitter: 1, sliceBytes: 700 },
  { roundTripMs: 6, jitter: 1, bandwidthBitsPerSecond: 1e8 },
])("keeps each byte and their order, there and back, under %j", async (network) => {
  await using server = await startEchoServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, ...network });
  const client = dial(emulator.port);
  const result = outcome(client);
  const sent = randomBytes(3_000_001);
  for (let start = 0; start < sent.length; start += 30_011)
    client.write(sent.subarray(start, start + 30_011));
  client.end();
  const { bytes, ending } = await result;
  expect(ending).toBe("end");
  expect(sha256(bytes)).toBe(sha256(sent));
  expect(emulator).toMatchObject({ bytesUp: sent.length, bytesDown: sent.length });
});

it("sends at the bandwidth, a little at a time", async () => {
  const numBytes = 500_000;
  await using server = await startServer((socket) => socket.end(randomBytes(numBytes)));
  await using emulator = await openNetworkEmulator({
    upstream: server.endpoint,
    bandwidthBitsPerSecond: 8e6,
  });
  const start = performance.now();
  const client = dial(emulator.port);
  const timesMs: number[] = [];
  client.on("data", () => timesMs.push(performance.now() - start));
  const { bytes } = await outcome(client);
  client.end();
  expect(bytes.length).toBe(numBytes);
  expect(timesMs.at(-1)).toBeGreaterThanOrEqual(500 - 0.5);
  expect(timesMs.at(-1)).toBeLessThan(1500);
  expect(timesMs[0]).toBeLessThan(250);
  expect(timesMs.length).toBeGreaterThan(20);
});

it("keeps the bandwidth of the two directions apart", async () => {
  await using server = await startEchoServer();
  await using emulator = await openNetworkEmulator({
    upstream: server.endpoint,
    bandwidthBitsPerSecond: 8e6,
  });
  const start = performance.now();
  const client = dial(emulator.port);
  client.end(randomBytes(800_000));
  const { bytes } = await outcome(client);
  const tookMs = performance.now() - start;
  expect(bytes.length).toBe(800_000);
  expect(tookMs).toBeGreaterThanOrEqual(800 - 0.5);
  expect(tookMs).toBeLessThan(1500); // one after the other would take 1600
});

it("cuts into slices that come one by one", async () => {
  await using server = await startServer((socket) => socket.end(Buffer.alloc(100)));
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, sliceBytes: 10 });
  const client = dial(emulator.port);
  const sizes: number[] = [];
  client.on("data", (chunk) => sizes.push(chunk.length));
  await outcome(client);
  client.end();
  expect(sizes.reduce((sum, size) => sum + size)).toBe(100);
  expect(sizes.length).toBeGreaterThanOrEqual(5); // 10, unless two meet in the reader's kernel
});
