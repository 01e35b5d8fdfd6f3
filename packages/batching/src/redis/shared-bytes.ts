import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { Connection } from "./connect.ts";
import { orAborted } from "./or-aborted.ts";
import { tickMs } from "./reachability.ts";
import type { RedisHub } from "./redis-hub.ts";

/** How long bytes stay in Redis after the last offer. */
const lifeMs = 60_000;
const offerTicks = 20_000 / tickMs;
const transferMs = 10_000;
const pollMs = 100;
/** Four times the largest tokenizer's files: whoever reaches Redis can put more there. */
const maxBytes = 64 << 20;

/**
 * Offers bytes under a name to every process of the namespace: bytes that are too large for messages.
 * They stay in Redis while the hub is open, even if Redis restarts empty, and expire afterwards.
 */
export function offerBytes(hub: RedisHub, name: string, bytes: Uint8Array): void {
  const key = keyOf(hub, name);
  let isOffering = false;
  const offer = async () => {
    if (isOffering) return;
    isOffering = true;
    await withConnection(hub, async (connection) => {
      if ((await connection.pexpire(key, lifeMs)) === 1) return;
      await connection.set(key, Buffer.from(bytes), "PX", lifeMs);
    }).catch(() => {}); // Redis is away or full: offered again later
    isOffering = false;
  };
  let numTicks = 0;
  hub.onTick(() => {
    if (hub.isUp && ++numTicks % offerTicks === 0) void offer();
  });
  hub.onUp(() => void offer());
  void offer();
}

/**
 * Reads bytes that another process offers.
 * @throws AdaedlError `unavailable` when no process does, or Redis does not answer
 */
export async function readBytes(
  hub: RedisHub,
  name: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const key = keyOf(hub, name);
  return withConnection(
    hub,
    async (connection, deadline) => {
      for (;;) {
        const isAllowed = (await connection.strlen(key)) <= maxBytes;
        const bytes = isAllowed ? await connection.getBuffer(key) : null;
        if (bytes !== null) return bytes;
        await sleep(pollMs, undefined, { signal: deadline });
      }
    },
    signal,
  );
}

/** In a cluster it is in the slot of the queue's keys. */
function keyOf(hub: RedisHub, name: string): string {
  return `{adaedl-${hub.namespace}}:${name}`;
}

/**
 * Runs a transfer on a connection of its own: on the hub's a large one would delay the pulse, and Redis
 * would count as unreachable.
 */
async function withConnection<T>(
  hub: RedisHub,
  transfer: (connection: Connection, deadline: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { connect } = await import("./connect.ts");
  throwIfAborted(signal);
  const connection = connect(hub.target, "jobs", hub.tls);
  connection.on("error", () => {}); // the deadline ends a transfer that cannot be made
  const timeout = AbortSignal.timeout(transferMs);
  const deadline = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    return await orAborted(transfer(connection, deadline), deadline);
  } catch (cause) {
    if (signal?.aborted) throw AdaedlError.fromAbort(signal.reason);
    if (!timeout.aborted) throw hub.errorOf(cause);
    throw new AdaedlError("unavailable", "Redis does not hold the bytes, or does not answer", {
      cause,
    });
  } finally {
    connection.disconnect();
  }
}
