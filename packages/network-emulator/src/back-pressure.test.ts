import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { createLink, type Link, maxInFlightBytes } from "./link.ts";
import { openNetworkEmulator } from "./open-network-emulator.ts";
import { countBytes, dial, sleep, startServer, until } from "./sockets.cases.ts";

const mebibyte = Buffer.alloc(2 ** 20);
const maxReadBytes = 2 ** 16;

/** Writes so many times the same mebibyte: the sender holds no more than that. */
function sendMebibytes(socket: Socket, count: number): void {
  for (let i = 0; i < count; i++) socket.write(mebibyte);
}

/** Bytes that the kernel has taken from the sender, when it takes no more for a while. */
async function takenBytes(sender: Socket): Promise<number> {
  const taken = () => sender.bytesWritten - sender.writableLength;
  for (;;) {
    const before = taken();
    await sleep(400);
    if (taken() === before) return before;
  }
}

/** A link between two connections over the loopback. */
async function openLink(oneWayMs: number) {
  const servers = [await startServer(), await startServer()] as const;
  const sender = dial(servers[0].endpoint.port);
  const source = await servers[0].socket(0);
  const target = dial(servers[1].endpoint.port);
  const reader = await servers[1].socket(0);
  const resets: string[] = [];
  const link = createLink({
    source,
    target,
    delayMs: oneWayMs,
    swallows: () => false,
    onPassed: () => {},
    limitBytes: Number.POSITIVE_INFINITY,
    onReset: () => resets.push("reset"),
  });
  return {
    sender,
    target,
    reader,
    link,
    resets,
    async [Symbol.asyncDispose]() {
      sender.destroy();
      target.destroy();
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

/** The most that a link has in flight until the condition holds. */
async function peakInFlight(link: Link, condition: () => boolean): Promise<number> {
  let peak = 0;
  await until(() => {
    peak = Math.max(peak, link.inFlightBytes);
    return condition();
  });
  return peak;
}

it("reads no more than a mebibyte ahead of a reader that does not read", async () => {
  await using parts = await openLink(0);
  sendMebibytes(parts.sender, 64);
  await takenBytes(parts.sender);
  expect(parts.link.inFlightBytes).toBeGreaterThan(maxInFlightBytes);
  expect(parts.link.inFlightBytes).toBeLessThanOrEqual(maxInFlightBytes + maxReadBytes);
  const received = countBytes(parts.reader);
  await until(() => received.numBytes === 64 * 2 ** 20);
});

it("has a reset not wait for a reader that does not read", async () => {
  await using parts = await openLink(5);
  sendMebibytes(parts.target, 64);
  parts.sender.write("x");
  await sleep(50);
  expect(parts.link.isEmpty).toBe(false);
  parts.sender.resetAndDestroy();
  await until(() => parts.resets.length === 1);
});

it("has no more than a mebibyte on its way through a long delay", async () => {
  await using parts = await openLink(50);
  const received = countBytes(parts.reader);
  sendMebibytes(parts.sender, 8);
  const peak = await peakInFlight(parts.link, () => received.numBytes === 8 * 2 ** 20);
  expect(peak).toBeGreaterThan(maxInFlightBytes / 2);
  expect(peak).toBeLessThanOrEqual(maxInFlightBytes + maxReadBytes);
});

it.each(["up", "down"])("slows the sender down to its reader, on the way %s", async (direction) => {
  await using server = await startServer();
  await using emulator = await openNetworkEmulator({ upstream: server.endpoint });
  const client = dial(emulator.port);
  const upstream = await server.socket(0);
  const [sender, reader] = direction === "up" ? [client, upstream] : [upstream, client];
  sendMebibytes(sender, 256);
  // The buffers of the kernel take some as well.
  expect(await takenBytes(sender)).toBeLessThan(100 * 2 ** 20);
  const received = countBytes(reader);
  await until(() => received.numBytes === 256 * 2 ** 20);
  client.destroy();
});
