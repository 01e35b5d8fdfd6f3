import type { AdaedlError } from "@adaedl/core";
import { type RedisProcess, redisCli, startRedisServer } from "@adaedl/testing";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting, type Meeting } from "./meeting.cases.ts";
import type { RedisHub } from "./redis-hub.ts";
import { offerBytes, readBytes } from "./shared-bytes.ts";

/** To be killed and stopped. */
async function ownRedis(): Promise<RedisProcess> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  return redis;
}

interface Watched {
  readonly hub: RedisHub;
  readonly heard: unknown[];
  readonly errors: AdaedlError[];
  readonly numUps: () => number;
}

async function watched(meeting: Meeting, id: string): Promise<Watched> {
  const hub = await meeting.openHub(id);
  const heard: unknown[] = [];
  const errors: AdaedlError[] = [];
  let numUps = 0;
  for (const address of [`to:${id}`, "all"])
    await hub.listen(address, (message) => heard.push(message));
  hub.onDown((error) => errors.push(error));
  hub.onUp(() => numUps++);
  return { hub, heard, errors, numUps: () => numUps };
}

test("bytes are offered again to a Redis that came back empty, and expire", async () => {
  const redis = await ownRedis();
  const meeting = createMeeting(redis.url);
  const [worker, ingress] = [await meeting.openHub("w"), await meeting.openHub("i")];
  const bytes = Buffer.from([0, 255, 10]);
  const early = readBytes(ingress, "name"); // waits for the offer
  offerBytes(worker, "name", bytes);
  expect(await early).toEqual(bytes);
  await redis.kill();
  await redis.start();
  expect(await readBytes(ingress, "name")).toEqual(bytes);
  const left = await meeting.connect().pttl(`{adaedl-${meeting.namespace}}:name`);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(60_000);
  const controller = new AbortController();
  const nobody = readBytes(ingress, "other", controller.signal);
  controller.abort();
  await expect(nobody).rejects.toMatchObject({ code: "cancelled" });
});

const lossesOfRedis = [
  {
    what: "is killed and started again",
    lose: (redis: RedisProcess) => redis.kill(),
    noticedMs: 500,
    comeBack: (redis: RedisProcess) => redis.start(),
  },
  {
    what: "hangs and goes on",
    lose: async (redis: RedisProcess) => redis.signal("SIGSTOP"),
    noticedMs: 1_500, // 0.5 s, and slack for a busy machine
    comeBack: async (redis: RedisProcess) => redis.signal("SIGCONT"),
  },
];
const ways = lossesOfRedis.map((way) => [way.what, way] as const);

test.each(ways)(
  "a Redis that %s: all are told soon, and once, that it is away and back",
  async (_, way) => {
    const redis = await ownRedis();
    const meeting = createMeeting(redis.url);
    const [a, b] = [await watched(meeting, "a"), await watched(meeting, "b")];
    for (let round = 1; round <= 2; round++) {
      await way.lose(redis);
      for (const { hub, errors } of [a, b]) {
        await expect.poll(() => errors.length, { timeout: way.noticedMs, interval: 5 }).toBe(round);
        expect(hub).toMatchObject({ isUp: false, numLosses: round });
      }
      // What is said now is for nobody, also later.
      for (let turn = 0; turn < 3; turn++) {
        a.hub.send("to:b", { isLate: true });
        b.hub.broadcast("all", { isLate: true });
        await new Promise(setImmediate);
      }
      await way.comeBack(redis);
      for (const { hub, numUps } of [a, b]) {
        await expect.poll(numUps, { timeout: 5_000 }).toBe(round);
        expect(hub).toMatchObject({ isUp: true, numLosses: round });
      }
      // Everything is subscribed to again.
      a.hub.send("to:b", { round, from: "a" });
      b.hub.send("to:a", { round, from: "b" });
      a.hub.broadcast("all", { round });
      await expect.poll(() => b.heard.slice(-2)).toEqual([{ round, from: "a" }, { round }]);
      await expect.poll(() => a.heard).toContainEqual({ round, from: "b" });
      await expect.poll(() => a.heard).toContainEqual({ round });
    }
    expect([...a.heard, ...b.heard]).not.toContainEqual({ isLate: true });
    for (const { errors, numUps } of [a, b]) {
      expect([errors.length, numUps()]).toEqual([2, 2]);
      for (const { code, message } of errors) {
        expect(code).toBe("unavailable");
        expect(message).toMatch(/^Redis cannot be reached: ./);
      }
    }
  },
);

test("one lost connection of a process is a loss of this process, and of no other", async () => {
  const redis = await ownRedis();
  const meeting = createMeeting(redis.url);
  const subscribers = () => redisCli(redis.port, "client", "list", "type", "pubsub");
  const a = await watched(meeting, "a");
  const [own = ""] = await subscribers();
  const b = await watched(meeting, "b");
  await redisCli(redis.port, "client", "kill", "id", /^id=(\d+)/.exec(own)?.[1] ?? "");
  await expect.poll(() => a.hub.numLosses).toBe(1);
  await expect.poll(a.numUps).toBe(1);
  b.hub.send("to:a", { number: 1 });
  await expect.poll(() => a.heard).toEqual([{ number: 1 }]);
  expect(b.hub.numLosses).toBe(0);
});

test.each(ways)("while Redis %s: close ends soon, and reports no loss", async (_, way) => {
  const redis = await ownRedis();
  const { hub, errors } = await watched(createMeeting(redis.url), "a");
  await way.lose(redis);
  const numBefore = errors.length; // one that was killed may have been missed already
  const startedAt = performance.now();
  await hub.close();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  await way.comeBack(redis);
  expect(errors.length).toBe(numBefore);
  await hub.close(); // once more
});
