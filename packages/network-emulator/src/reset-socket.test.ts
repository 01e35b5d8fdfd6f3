import { once } from "node:events";
import { expect, it } from "vitest";
import { resetSocket } from "./reset-socket.ts";
import { dial, outcome, sleep, startServer } from "./sockets.cases.ts";

it("resets a socket whose end is just being sent, and closes it", async () => {
  await using server = await startServer();
  for (const turns of [0, 1, 2]) {
    const socket = dial(server.endpoint.port);
    await once(socket, "connect");
    socket.end();
    for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => process.nextTick(resolve));
    const closed = once(socket, "close");
    resetSocket(socket);
    await closed;
  }
});

it("resets a socket that has more to send than its peer reads", async () => {
  await using server = await startServer();
  const socket = dial(server.endpoint.port);
  const peer = await server.socket(0);
  socket.end(Buffer.alloc(20_000_000));
  await sleep(20);
  resetSocket(socket);
  await once(socket, "close");
  expect((await outcome(peer)).bytes.length).toBeLessThan(20_000_000);
});

it("closes a socket that is still connecting or already closed", async () => {
  const socket = dial(9);
  resetSocket(socket);
  await once(socket, "close");
  resetSocket(socket);
});
