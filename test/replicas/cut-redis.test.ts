import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openRedisHub } from "@adaedl/batching";
import { openNetworkEmulator } from "@adaedl/network-emulator";
import {
  createTestRandom,
  type RedisProcess,
  startRedisCluster,
  startRedisSentinel,
  startRedisServer,
} from "@adaedl/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";

const numCuts = 50;

/** Two hubs that go on hearing each other after `cut` was called again and again. */
async function surviveCuts(url: string, cut: () => Promise<unknown>): Promise<void> {
  const namespace = randomUUID();
  await using a = await openRedisHub({ url, namespace, id: "a" });
  await using b = await openRedisHub({ url, namespace, id: "b" });
  const heard = new Set<unknown>();
  await b.listen("to:b", (message) => heard.add((message as { number: number }).number));
  for (let number = 0; number < numCuts; number++) await cut();
  // What is sent while one of them cannot hear is lost, as the hub says: sent until it arrives.
  await expect
    .poll(
      () => {
        a.send("to:b", { number: numCuts });
        return [a.isUp, b.isUp, heard.has(numCuts)];
      },
      { timeout: 5_000 },
    )
    .toEqual([true, true, true]);
  expect(a.numLosses).toBeGreaterThan(0);
}

test("connections are reset at random bytes after they opened: the hubs hear each other again", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  const network = await openNetworkEmulator({ upstream: { host: "127.0.0.1", port: redis.port } });
  onTestFinished(() => network.close());
  const random = createTestRandom(1);
  await surviveCuts(`redis://${network.address}`, async () => {
    network.resetAfter(random.integer(600)); // signing in and subscribing take some 400
    network.resetAll();
    await sleep(random.integer(60)); // they come back 20 to 40 ms later
    network.resetAfter(undefined);
  });
}, 60_000);

interface Kind {
  readonly url: string;
  /** Those that clients are connected to. */
  readonly servers: readonly RedisProcess[];
  close(): Promise<void>;
}

const kinds: Readonly<Record<string, () => Promise<Kind>>> = {
  async alone() {
    const redis = await startRedisServer();
    return { url: redis.url, servers: [redis], close: () => redis.close() };
  },
  async Cluster() {
    const { url, nodes, close } = await startRedisCluster();
    return { url, servers: nodes, close };
  },
  async "behind Sentinel"() {
    const { url, master, sentinels, close } = await startRedisSentinel();
    return { url, servers: [master, ...sentinels], close };
  },
};

test.each(Object.entries(kinds))(
  "a Redis %s ends all connections again and again: the hubs hear each other again",
  async (_, start) => {
    const { url, servers, close } = await start();
    onTestFinished(close);
    const admins = servers.map(({ port }) => new Redis(port));
    onTestFinished(() => {
      for (const admin of admins) admin.disconnect();
    });
    const random = createTestRandom(2);
    await surviveCuts(url, async () => {
      for (const admin of admins) {
        await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
      }
      await sleep(random.integer(60));
    });
  },
  60_000,
);
