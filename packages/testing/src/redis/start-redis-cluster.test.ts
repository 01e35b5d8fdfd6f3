import { Cluster } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { startRedisCluster } from "./start-redis-cluster.ts";

it("is a cluster in which every node has keys", async () => {
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.close());
  expect(cluster.url).toBe(
    `redis+cluster://${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
  );
  const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
  onTestFinished(() => client.disconnect());
  const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
  for (const key of keys) await client.set(key, key);
  for (const key of keys) expect(await client.get(key)).toBe(key);
  const sizes = await Promise.all(client.nodes("master").map((node) => node.dbsize()));
  expect(sizes).toHaveLength(3);
  expect(sizes.every((size) => size > 0)).toBe(true);
});

it("has three nodes at least", async () => {
  await expect(startRedisCluster(2)).rejects.toThrow(
    new RangeError("numNodes must be an integer from 3, got 2"),
  );
});
