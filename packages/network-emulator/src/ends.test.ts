import { once } from "node:events";
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
  expect((await outcome(dial(emulator.port))).ending).toBe("ECONNRESET");
  await using server = await startServer((socket) => socket.end("here"));
  emulator.setUpstream(server.endpoint);
  const client = dial(emulator.port);
  expect((await outcome(client)).bytes.toString()).toBe("here");
  client.end();
  await until(() => emulator.numConnections === 0);
});

it("leaves open connections where they are when the upstream changes", async () => {
  await using first = await startServer((socket) => socket.write("1"));
  await using second = await startServer((socket) => socket.write("2"));
  await using emulator = await openNetworkEmulator({ upstream: first.endpoint });
  const client = dial(emulator.port);
  expect(String((await once(client, "data"))[0])).toBe("1");
  emulator.setUpstream(second.endpoint);
  (await first.socket(0)).write("still 1");
  expect(String((await once(client, "data"))[0])).toBe("still 1");
  const other = dial(emulator.port);
  expect(String((await once(other, "data"))[0])).toBe("2");
});
