import { once } from "node:events";
import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { dial, outcome, sleep, startEchoServer, startServer, until } from "./sockets.cases.ts";

it.each([0, 1, 1000, 100_000])("resets both sides after %d bytes up", async (limit) => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint });
  emulator.resetAfter(limit);
  const client = dial(emulator.port);
  const atClient = outcome(client);
  const atUpstream = outcome(await server.socket(0));
  client.write(Buffer.alloc(200_000, "x"));
  expect(await atUpstream).toEqual({ bytes: Buffer.alloc(limit, "x"), ending: "ECONNRESET" });
  expect((await atClient).ending).toMatch(/ECONNRESET|EPIPE/);
  await until(() => emulator.numConnections === 0);
});

it("resets both sides after so many bytes down, with a delay too", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({
    upstream: server.endpoint,
    roundTripMs: 4,
  });
  emulator.resetAfter(100);
  const atClient = outcome(dial(emulator.port));
  const upstream = await server.socket(0);
  const atUpstream = outcome(upstream);
  for (let i = 0; i < 20; i++) upstream.write(Buffer.alloc(10, "x"));
  expect(await atClient).toEqual({ bytes: Buffer.alloc(100, "x"), ending: "ECONNRESET" });
  expect((await atUpstream).ending).toMatch(/ECONNRESET|EPIPE/);
});

it("leaves connections alone that were open before, that stay below, or that come after", async () => {
  await using server = await startEchoServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint });
  const exchange = async (client = dial(emulator.port), numBytes = 50) => {
    client.write(Buffer.alloc(numBytes));
    await once(client, "data");
    return client;
  };
  const before = await exchange();
  emulator.resetAfter(50);
  await exchange(before);
  const below = await exchange(undefined, 49);
  emulator.resetAfter(undefined);
  await exchange(await exchange());
  expect(emulator.numConnections).toBe(3);
  const result = outcome(below);
  below.write("x");
  expect((await result).ending).toBe("ECONNRESET");
});

it("resets every connection at once", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({
    upstream: server.endpoint,
    roundTripMs: 5000,
  });
  const clients = [dial(emulator.port), dial(emulator.port), dial(emulator.port)];
  const upstreams = [await server.socket(0), await server.socket(1), await server.socket(2)];
  const results = [...clients, ...upstreams].map(outcome);
  clients[0]?.write("lost on the way");
  clients[1]?.end();
  await sleep(20);
  expect(emulator.numConnections).toBe(3);
  emulator.resetAll();
  for (const result of results)
    expect(await result).toEqual({ bytes: Buffer.alloc(0), ending: "ECONNRESET" });
  await until(() => emulator.numConnections === 0);
  const client = dial(emulator.port);
  await once(client, "connect");
  expect(await server.socket(3)).toBeDefined();
});
