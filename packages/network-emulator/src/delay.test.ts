import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { countBytes, dial, sleep, startEchoServer, startServer, until } from "./sockets.cases.ts";

/** Half a millisecond each way is as early as anything may be. */
const earlyMs = 0.5;

/** Milliseconds from the writing of a byte to its arrival, again and again. */
async function travelTimes(from: Socket, to: Socket, numTimes: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < numTimes; i++) {
    const start = performance.now();
    from.write("x");
    await once(to, "data");
    times.push(performance.now() - start);
  }
  return times;
}

it.each([3, 10, 25])("takes half of a round trip of %d ms each way", async (roundTripMs) => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, roundTripMs });
  const client = dial(emulator.port);
  const upstream = await server.socket(0);
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    const times = await travelTimes(from, to, 30);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(roundTripMs / 2 - earlyMs);
    // The fastest shows what the emulator does, the others also what else the machine does.
    expect(Math.min(...times)).toBeLessThan(roundTripMs / 2 + 2);
  }
  client.destroy();
});

it("takes no time without a delay, and refuses one that is none", async () => {
  await using server = await startEchoServer();
  const upstream = server.endpoint;
  await using emulator = await openNetworkEmulator({ upstream });
  const client = dial(emulator.port);
  expect(Math.min(...(await travelTimes(client, client, 20)))).toBeLessThan(2);
  client.destroy();
  for (const roundTripMs of [-1, Number.NaN, 3_600_001])
    await expect(openNetworkEmulator({ upstream, roundTripMs })).rejects.toThrow(
      new RangeError(`roundTripMs must be from 0 to 3600000, got ${roundTripMs}`),
    );
});

it("has many chunks on their way at once", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, roundTripMs: 200 });
  const client = dial(emulator.port);
  const received = countBytes(await server.socket(0));
  const start = performance.now();
  for (let i = 0; i < 40; i++) {
    client.write(Buffer.alloc(1000));
    await sleep(5);
  }
  await until(() => received.numBytes === 40_000);
  const tookMs = performance.now() - start;
  expect(tookMs).toBeGreaterThanOrEqual(40 * 5 + 100 - 10);
  expect(tookMs).toBeLessThan(2000); // one at a time would take 4 s
  client.destroy();
});
