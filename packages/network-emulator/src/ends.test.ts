import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { dial, outcome, sleep, startServer, until } from "./sockets.cases.ts";

it("passes a half-close on after the delay and lets the other half go on", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, roundTripMs: 60 });
  const client = dial(emulator.port);
  const atClient = outcome(client);
  const upstream = await server.socket(0);
  const atUpstream = outcome(upstream);
  const start = performance.now();
  client.end("request");
  expect(await atUpstream).toEqual({ bytes: Buffer.from("request"), ending: "end" });
  expect(performance.now() - start).toBeGreaterThanOrEqual(30 - 0.5);
  upstream.write("answer");
  await sleep(50);
  expect(emulator.numConnections).toBe(1);
  upstream.end(", whole");
  expect(await atClient).toEqual({ bytes: Buffer.from("answer, whole"), ending: "end" });
  await until(() => emulator.numConnections === 0);
});

it("passes a reset on after the delay, behind what was sent before", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, roundTripMs: 60 });
  const client = dial(emulator.port);
  const atUpstream = outcome(await server.socket(0));
  client.write("request");
  await sleep(10);
  const start = performance.now();
  client.resetAndDestroy();
  expect(await atUpstream).toEqual({ bytes: Buffer.from("request"), ending: "ECONNRESET" });
  expect(performance.now() - start).toBeGreaterThanOrEqual(30 - 0.5);
  await until(() => emulator.numConnections === 0);
});

it("resets a client whose upstream can't be reached, and goes on", async () => {
  const gone = await startServer();
  await gone[Symbol.asyncDispose]();
  await using emulator = await openNetworkEmulator({ upstream: gone.endpoint });
  for (let count = 0; count < 2; count++)
    expect((await outcome(dial(emulator.port))).ending).toBe("ECONNRESET");
  await until(() => emulator.numConnections === 0);
});
