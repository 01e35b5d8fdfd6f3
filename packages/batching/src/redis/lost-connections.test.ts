import { type RedisProcess, redisCli, startRedisServer } from "@adaedl/testing";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";

const idsOf = (lines: readonly string[]) => lines.map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "");

/** The connections that what is opened opens, those that only listen apart. */
async function connectionsOf<T>(redis: RedisProcess, open: () => Promise<T>) {
  const list = async (...type: string[]) =>
    idsOf(await redisCli(redis.port, "client", "list", ...type));
  const before = new Set(await list());
  const opened = await open();
  const all = (await list()).filter((id) => !before.has(id));
  const listening = (await list("type", "pubsub")).filter((id) => all.includes(id));
  const cut = (ids: readonly string[]) =>
    Promise.all(ids.map((id) => redisCli(redis.port, "client", "kill", "id", id)));
  return { opened, cutAll: () => cut(all), cutListening: () => cut(listening) };
}

test.each([
  ["all connections, before one answer", 1, "cutAll"],
  ["all connections, before many answers", 50, "cutAll"],
  ["the connection it listens on", 50, "cutListening"],
] as const)(
  "a worker that lost %s is asked again, and each is answered once",
  async (_, count, cut) => {
    const redis = await startRedisServer();
    onTestFinished(() => redis.close());
    const meeting = createMeeting(redis.url);
    const connections = await connectionsOf(redis, () => meeting.openWorker("w"));
    const worker = connections.opened;
    const { queue, open, ask } = await meeting.openIngress("i");
    const names = ["a", "b", "c"];
    for (const name of names) await open(name);
    worker.hold();
    const asked = names.map((name) => ask(name, `${name}-round`, count));
    await expect.poll(() => worker.begun().length).toBe(6);
    await connections[cut]();
    worker.release(); // answers on the way are lost, or what takes them
    await expect.poll(() => worker.hub.numLosses).toBeGreaterThan(0);
    for (const [index, name] of names.entries())
      expect(await asked[index]).toEqual(
        Array.from({ length: count }, (_, number) => `${name}-round${number}`),
      );
    expect(await ask("a", "next")).toEqual(["next0"]);
    expect(queue.numQueued).toBe(0);
    await expect.poll(() => worker.running.numQueued).toBe(0);
  },
);

test("when Redis is lost, what runs fails, and sessions go on at their workers after it", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  const meeting = createMeeting(redis.url);
  const worker = await meeting.openWorker("w", { numPlaces: 1 });
  const { hub, queue, open, ask } = await meeting.openIngress("i");
  await open("a-1");
  worker.hold();
  const [round, waiting] = [ask("a-1", "r", 20), open("b-1")];
  await expect.poll(worker.begun).toContain("r");
  await redis.kill();
  for (const each of [round, waiting])
    await expect(each).rejects.toMatchObject({ code: "unavailable" });
  await expect(ask("a-1", "r")).rejects.toMatchObject({ code: "unavailable" });
  await expect(open("c-1")).rejects.toMatchObject({ code: "unavailable" });
  queue.release("b-1");
  worker.release();
  await redis.start();
  await expect.poll(() => hub.isUp && worker.hub.isUp, { timeout: 5_000 }).toBe(true);
  expect(await ask("a-1", "again", 20)).toHaveLength(20);
  queue.release("a-1");
  expect(await open("d-1")).toEqual(["d-10"]);
});

test.each(["SIGKILL", "SIGSTOP"] as const)(
  "after a %s of Redis worker and ingress close soon",
  async (signal) => {
    const redis = await startRedisServer();
    onTestFinished(() => redis.close());
    const meeting = createMeeting(redis.url);
    const worker = await meeting.openWorker("w");
    const { hub, queue, open } = await meeting.openIngress("i");
    await open("a-1");
    redis.signal(signal);
    await expect.poll(() => hub.isUp || worker.hub.isUp, { timeout: 3_000 }).toBe(false);
    const startedAt = performance.now();
    await worker.running.close();
    await queue.end();
    await Promise.all([hub.close(), worker.hub.close()]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(worker.sessions.size).toBe(0);
  },
);
