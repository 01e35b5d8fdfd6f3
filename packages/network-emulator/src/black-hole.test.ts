import { once } from "node:events";
import { expect, it } from "vitest";
import { openConnection } from "./connection.ts";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { countBytes, dial, outcome, sleep, startServer, until } from "./sockets.cases.ts";

const quietMs = 100;

it("passes nothing either way and tells nobody", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint });
  const clients = [dial(emulator.port), dial(emulator.port), dial(emulator.port)] as const;
  const upstreams = [await server.socket(0), await server.socket(1), await server.socket(2)];
  const received = [...clients, ...upstreams].map(countBytes);
  const endings: string[] = [];
  for (const socket of [...clients, ...upstreams])
    for (const event of ["end", "error"]) socket.on(event, () => endings.push(event));
  emulator.blackHole(true);
  clients[0].write(Buffer.alloc(5_000_000)); // more than is kept in flight: it is swallowed
  upstreams[0]?.write("x");
  clients[1].end("x");
  upstreams[2]?.resetAndDestroy();
  await until(() => clients[0].writableLength === 0);
  await sleep(quietMs);
  expect(received.map(({ numBytes }) => numBytes)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(endings).toEqual([]);
  expect(emulator.numConnections).toBe(3);
});

it("loses what is on its way when it begins", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint, roundTripMs: 100 });
  const client = dial(emulator.port);
  const received = countBytes(await server.socket(0));
  client.write("x");
  await sleep(10);
  emulator.blackHole(true);
  emulator.blackHole(false);
  await sleep(50 + quietMs);
  expect(received.numBytes).toBe(0);
});

it("never makes a connection whole again that has lost anything, and tells nobody", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint });
  const client = dial(emulator.port);
  const upstream = await server.socket(0);
  const received = [countBytes(client), countBytes(upstream)];
  emulator.blackHole(true);
  client.write("lost");
  const late = dial(emulator.port);
  await once(late, "connect");
  await sleep(20);
  emulator.blackHole(false);
  client.write("behind the gap");
  upstream.write("into it");
  late.write("hello");
  await sleep(quietMs);
  expect(received.map(({ numBytes }) => numBytes)).toEqual([0, 0]);
  expect(server.sockets.length).toBe(1);
  expect(emulator.numConnections).toBe(2);
  const results = [client, upstream, late].map(outcome);
  emulator.resetAll();
  for (const result of results) expect((await result).ending).toBe("ECONNRESET");
});

it("leaves a connection whole that was silent meanwhile, and new ones", async () => {
  await using server = await startServer((socket) => socket.pipe(socket));
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint });
  const silent = dial(emulator.port);
  await server.socket(0);
  emulator.blackHole(true);
  await sleep(20);
  emulator.blackHole(false);
  for (const client of [silent, dial(emulator.port)]) {
    client.write("hello");
    expect(String((await once(client, "data"))[0])).toBe("hello");
  }
});

it("takes more from a sender that was held back when it began", async () => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({
    upstream: server.endpoint,
    roundTripMs: 60_000,
  });
  const client = dial(emulator.port);
  client.write(Buffer.alloc(40_000_000));
  await sleep(quietMs);
  expect(client.writableLength).toBeGreaterThan(0);
  emulator.blackHole(true);
  await until(() => client.writableLength === 0);
});

/** Connections whose sides linger for 50 ms. */
async function openShortLived() {
  const upstream = await startServer();
  const conditions = { oneWayMs: 0, isBlackHole: false };
  const state = { numClosed: 0 };
  const proxy = await startServer((client) =>
    openConnection(client, {
      upstream: upstream.endpoint,
      conditions,
      limitBytes: Number.POSITIVE_INFINITY,
      lingerMs: 50,
      onClosed: () => state.numClosed++,
    }),
  );
  const client = dial(proxy.endpoint.port);
  return {
    client,
    carried: await upstream.socket(0),
    conditions,
    state,
    async [Symbol.asyncDispose]() {
      client.destroy();
      for (const server of [proxy, upstream]) await server[Symbol.asyncDispose]();
    },
  };
}

it("frees a lost connection some time after both sides have gone", async () => {
  await using parts = await openShortLived();
  const { client, carried, conditions, state } = parts;
  conditions.isBlackHole = true;
  client.end();
  await sleep(200);
  expect(carried.readableEnded).toBe(false);
  expect(state.numClosed).toBe(0);
  carried.end();
  await until(() => state.numClosed === 1);
});

it("keeps a half-closed connection that has lost nothing, however long it is silent", async () => {
  await using parts = await openShortLived();
  const { client, carried, state } = parts;
  const atClient = outcome(client);
  client.end();
  await sleep(200);
  expect(state.numClosed).toBe(0);
  carried.resume();
  carried.end("late");
  expect((await atClient).bytes.toString()).toBe("late");
  await until(() => state.numClosed === 1);
});
