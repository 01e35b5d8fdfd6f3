import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { dial, outcome, sleep, startServer, until } from "./sockets.cases.ts";

const ours = ["TCPServerWrap", "TCPSocketWrap", "Timeout", "Immediate"];

/** What of the kinds that an emulator holds keeps the process alive. */
const heldResources = () => process.getActiveResourcesInfo().filter((kind) => ours.includes(kind));

it.each([false, true])(
  "closes everything in a moment, in a black hole: %s",
  async (isBlackHole) => {
    const server = await startServer();
    const emulator = await openNetworkEmulator({
      upstream: server.endpoint,
      roundTripMs: 60_000,
    });
    const clients = Array.from({ length: 5 }, () => dial(emulator.port));
    await until(() => server.sockets.length === 5);
    emulator.blackHole(isBlackHole);
    for (const client of clients) client.write(Buffer.alloc(3_000_000));
    for (const socket of server.sockets) socket.write("x");
    clients[0]?.end();
    clients[1]?.resetAndDestroy();
    clients.push(dial(emulator.port));
    const seen = [clients[2], clients[5], server.sockets[2]].map((socket) =>
      outcome(socket as Socket),
    );
    await until(() => emulator.numConnections === 6);
    await sleep(100);
    const start = performance.now();
    await Promise.all([emulator.close(), emulator.close()]);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(emulator.numConnections).toBe(0);
    for (const { bytes, ending } of await Promise.all(seen))
      expect([bytes.length, ending]).toEqual([0, "ECONNRESET"]);
    expect((await outcome(dial(emulator.port))).ending).toBe("ECONNREFUSED");
    for (const client of clients) client.destroy();
    await server[Symbol.asyncDispose]();
    await until(() => heldResources().length === 0);
    await emulator.close();
  },
);

it("closes while a connection to the upstream is being made", async () => {
  // An address of a documentation network: nobody answers, or there is no way there.
  const emulator = await openNetworkEmulator({ upstream: { host: "192.0.2.1", port: 9 } });
  const client = dial(emulator.port);
  const result = outcome(client);
  await until(() => emulator.numConnections === 1 || client.destroyed);
  await emulator.close();
  expect((await result).ending).toBe("ECONNRESET");
});
