import { type RedisProcess, redisCli, startRedisServer } from "@adaedl/testing";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";

/** Two workers with a session each, and an ingress that keeps a diary of lost workers. */
async function openAll() {
  const meeting = createMeeting();
  const workers = [await meeting.openWorker("w1"), await meeting.openWorker("w2")];
  const lost: unknown[][] = [];
  const ingress = await meeting.openIngress("i", { onWorkerLost: (...args) => lost.push(args) });
  await expect.poll(() => ingress.queue.workers.size).toBe(2);
  for (const name of ["a-1", "a-2"]) await ingress.open(name); // one for each
  const [first] = workers.filter(({ sessions }) => sessions.has("a-1"));
  const [second] = workers.filter(({ sessions }) => sessions.has("a-2"));
  if (first === undefined || second === undefined) throw new Error("no session");
  expect(first).not.toBe(second);
  return { first, second, lost, ...ingress };
}

const gone = (sessionId: string) => ({
  code: "not_found",
  message: `the worker of session ${sessionId} is gone: send its prefix`,
  field: "session_id",
  value: sessionId,
});

test("a worker that is closed says so: its jobs fail at once, its sessions are nowhere", async () => {
  const { first, second, lost, queue, open, ask } = await openAll();
  first.hold();
  second.hold();
  const [running, others] = [ask("a-1", "r", 3), ask("a-2", "o", 3)];
  await expect.poll(first.begun).toContain("r");
  const startedAt = performance.now();
  const closed = first.running.close();
  await expect(running).rejects.toMatchObject(gone("a-1"));
  expect(performance.now() - startedAt).toBeLessThan(600); // sooner than by its silence
  await closed;
  await expect(ask("a-1", "r")).rejects.toMatchObject(gone("a-1"));
  expect(lost).toEqual([[first.hub.id, 1, true]]);
  expect(first.diary).toEqual(expect.arrayContaining(["end r", "release a-1"]));
  second.release();
  expect(await others).toEqual(["o0", "o1", "o2"]);
  queue.release("a-1");
  expect(await open("a-1")).toEqual(["a-10"]); // anew, at the other one
  expect(second.sessions).toEqual(new Set(["a-2", "a-1"]));
});

test("a worker that vanishes without a word is lost in about a second", async () => {
  const { first, second, lost, queue, ask } = await openAll();
  first.hold();
  const running = ask("a-1", "r", 3);
  await expect.poll(first.begun).toContain("r");
  const startedAt = performance.now();
  await first.hub.close();
  await expect(running).rejects.toMatchObject(gone("a-1"));
  expect(performance.now() - startedAt).toBeLessThan(3_000); // 0.8 s, and slack for a busy machine
  expect(lost).toEqual([[first.hub.id, 1, false]]);
  await expect(ask("a-1", "r")).rejects.toMatchObject(gone("a-1"));
  expect(await ask("a-2", "o", 20)).toHaveLength(20);
  expect([...queue.workers.keys()]).toEqual([second.hub.id]);
  expect(queue.numQueued).toBe(0);
  expect(second.running.numQueued).toBe(0);
});

test("a worker that drains takes no more sessions, and serves those it has to their end", async () => {
  const { first, second, queue, open, ask } = await openAll();
  await first.running.drain();
  let isIdle = false;
  const idle = first.running.whenIdle().then(() => {
    isIdle = true;
  });
  for (const name of ["b-1", "b-2"]) await open(name);
  expect(second.sessions.size).toBe(3);
  expect(await ask("a-1", "r", 20)).toHaveLength(20);
  expect(isIdle).toBe(false);
  queue.release("a-1");
  await idle;
});

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
