import { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { waitUntil } from "../wait-until.ts";
import { startRedisSentinel } from "./start-redis-sentinel.ts";

it.each([1, 3])(
  "the replica takes over from a master that is killed, %d sentinels",
  async (numSentinels) => {
    const redis = await startRedisSentinel(numSentinels);
    onTestFinished(() => redis.close());
    const { master, replica, sentinels } = redis;
    expect(sentinels).toHaveLength(numSentinels);
    const hosts = sentinels.map(({ port }) => ({ host: "127.0.0.1", port }));
    expect(redis.url).toBe(
      `redis+sentinel://${hosts.map(({ host, port }) => `${host}:${port}`).join(",")}/mymaster`,
    );
    expect(await redis.currentMaster()).toBe(master);

    const client = new Redis({ sentinels: hosts, name: "mymaster", maxRetriesPerRequest: null });
    client.on("error", () => {}); // it looks for the master again and again
    onTestFinished(() => client.disconnect());
    await client.set("before", "kept");
    await client.wait(1, 1_000); // until the replica has it
    await master.kill();
    await waitUntil("the replica is master", async () => (await redis.currentMaster()) === replica);
    await client.set("after", "written");
    expect(await client.mget("before", "after")).toEqual(["kept", "written"]);
  },
);
