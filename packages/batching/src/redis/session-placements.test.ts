import { type Queue, Worker as QueueWorker } from "bullmq";
import type { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { addresses } from "./channel-messages.ts";
import { createMeeting, kind } from "./meeting.cases.ts";
import { keysOf, queueOf } from "./placements.cases.ts";
import { openCaseIngress, openCaseWorker, openPair, reading } from "./session-meeting.cases.ts";

test("a burst fills the places of all workers; the others wait, in the order they came", async () => {
  const meeting = createMeeting();
  const workers = [
    await openCaseWorker(meeting, "w1", { numPlaces: 2 }),
    await openCaseWorker(meeting, "w2", { numPlaces: 3 }),
  ];
  const waits: number[] = [];
  const { sessions } = await openCaseIngress(meeting, "i", { onPlaced: (ms) => waits.push(ms) });
  const names = Array.from({ length: 9 }, (_, index) => `a-${index}`);
  const opened = names.map((sessionId) => reading(sessions.open({ sessionId })));
  await expect.poll(() => workers.map(({ target }) => target.sessions.size)).toEqual([2, 3]);
  await expect.poll(() => sessions.numWaiting).toBe(4);
  for (const session of opened) {
    await session.next();
    session.close();
  }
  expect(waits).toHaveLength(9);
  expect(await keysOf(meeting)).toEqual([]);
});

test("more than may wait or be open are refused at once, with a time to try again", async () => {
  const { meeting, open } = await openPair({ numPlaces: 1 });
  const first = await open("a-1");
  const limits = { maxWaiting: 2, maxSessions: 4 };
  const { sessions } = await openCaseIngress(meeting, "i2", limits);
  const [next, ...others] = ["b-1", "b-2"].map((id) => reading(sessions.open({ sessionId: id })));
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(2);
  const refused = (message: string, field: string) => ({
    ...{ code: "resource_exhausted", message, field, retryAfterMs: expect.any(Number) },
  });
  const tooMany = ["b-3", "b-4", "b-5"].map((id) => reading(sessions.open({ sessionId: id })));
  for (const [index, error] of [
    refused("2 sessions wait for a place", "queue"),
    refused("2 sessions wait for a place", "queue"),
    refused("4 sessions are open", "sessions"),
  ].entries())
    await expect(tooMany[index]?.next()).rejects.toMatchObject(error);
  expect(sessions.numSessions).toBe(2);
  first.close();
  expect(await next?.next()).toMatchObject({ type: "opened" });
  for (const session of [next, ...others]) session?.close();
});

test("of two clients that wait, the one with fewer sessions gets the next place", async () => {
  const { meeting, worker, sessions, open } = await openPair({ numPlaces: 2 });
  const [first] = [await open("many-1"), await open("many-2")];
  const many = reading(sessions.open({ sessionId: "many-3" }));
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(1);
  const few = reading(sessions.open({ sessionId: "few-1" }));
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(2);
  first.close();
  await few.next();
  expect(worker.target.sessions).toEqual(new Set(["many-2", "few-1"]));
  few.close();
  await many.next();
});

test("the limit of those that wait holds in a burst, too", async () => {
  const { meeting, open } = await openPair({ numPlaces: 1 });
  await open("a-1");
  const { sessions } = await openCaseIngress(meeting, "i2", { maxWaiting: 5 });
  const burst = Array.from({ length: 20 }, (_, index) => {
    const session = reading(sessions.open({ sessionId: `b-${index}` }));
    return { ...session, outcome: session.next().catch(({ code }) => code) };
  });
  await expect.poll(() => sessions.numSessions).toBe(5);
  for (const { outcome } of burst.slice(5)) expect(await outcome).toBe("resource_exhausted");
  for (const { close } of burst) close();
});

test("a full worker makes room for a session that nobody else takes, however much others send", async () => {
  const { worker, hub, open } = await openPair({ numPlaces: 1, canMakeRoom: () => true });
  const load = { numSessions: 1, numPlaces: 1, numQueued: 0, numForwards: 0 };
  const peer = { id: "x", numLosses: 0, kind, facts: null, ...load };
  const beating = setInterval(() => hub.broadcast(addresses.workers, peer), 20);
  onTestFinished(() => clearInterval(beating));
  const idle = await open("a-1");
  const startedAt = performance.now();
  await open("a-2");
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(worker.target.sessions).toEqual(new Set(["a-2"]));
  await expect(idle.next()).rejects.toMatchObject({ code: "not_found" });
});

test("a full worker makes room for the clients that it makes room for, and lets the others wait", async () => {
  const canMakeRoom = (client: string) => client === "few";
  const { worker, sessions, open } = await openPair({ numPlaces: 2, canMakeRoom });
  await open("many-1");
  await open("many-2");
  const many = reading(sessions.open({ sessionId: "many-3" }));
  const opened = many.next();
  await open("few-1");
  expect(worker.target.sessions).toEqual(new Set(["many-2", "few-1"]));
  expect(sessions.numWaiting).toBe(1);
  many.close();
  await expect(opened).rejects.toMatchObject({ code: "cancelled" });
});

test("a session goes to a worker with room before a full one makes room", async () => {
  const { meeting, worker, open } = await openPair({ numPlaces: 1, canMakeRoom: () => true });
  await open("a-1");
  const free = await openCaseWorker(meeting, "w2", { numPlaces: 1 });
  await open("a-2");
  expect([worker, free].map(({ target }) => [...target.sessions])).toEqual([["a-1"], ["a-2"]]);
});

test("a session's id may hold any characters", async () => {
  const { worker, open } = await openPair();
  const ids = ["7", "a:b", "{a}", "a b\t\n", '"', "ä€😀", "-", "__proto__", "x".repeat(180)];
  for (const id of ids) {
    const session = await open(id);
    expect(worker.target.sessions).toEqual(new Set([id]));
    session.close();
    await expect.poll(() => worker.target.sessions.size).toBe(0);
  }
});

test("a worker that drains takes no more sessions, and serves those it has to their end", async () => {
  const { meeting, worker, open } = await openPair();
  const session = await open("a-1", { numCommits: 20 });
  await worker.running.drain();
  const other = await openCaseWorker(meeting, "w2");
  await open("a-2");
  expect(other.target.sessions).toEqual(new Set(["a-2"]));
  let isIdle = false;
  const idle = worker.running.whenIdle().then(() => {
    isIdle = true;
  });
  const positions = session.rest();
  expect(isIdle).toBe(false);
  session.cancel();
  expect(await positions).toHaveLength(20);
  await idle;
});

test("a closed ingress fails those that wait, refuses new ones, and goes on with the others", async () => {
  const { worker, sessions, open } = await openPair({ numPlaces: 1 });
  const running = await open("a-1", { numCommits: 5 });
  const waiting = reading(sessions.open({ sessionId: "a-2" }));
  sessions.close();
  for (const { next } of [waiting, reading(sessions.open({ sessionId: "a-3" }))])
    await expect(next()).rejects.toMatchObject({
      code: "unavailable",
      message: "the verifier is shutting down",
    });
  const positions = running.rest();
  running.cancel();
  expect(await positions).toHaveLength(5);
  expect(worker.target.diary).not.toContain("open a-2");
});

test("without a worker a session is refused at once", async () => {
  const { worker, sessions } = await openPair();
  await worker.running.close();
  await expect.poll(() => sessions.workers.size).toBe(0);
  await expect(reading(sessions.open({ sessionId: "a-1" })).next()).rejects.toMatchObject({
    code: "unavailable",
    message: "there is no worker",
  });
});

test("a session that a worker takes and does not claim, or that Redis lost, is placed again in some seconds", async () => {
  const { meeting, worker, sessions, open } = await openPair({ numPlaces: 1 });
  const first = await open("a-1");
  const lost = ["a-2", "a-3"].map((sessionId) => reading(sessions.open({ sessionId })));
  const bullmq = queueOf(meeting);
  await expect.poll(() => bullmq.getPrioritizedCount()).toBe(2);
  const options = { connection: meeting.connect(), prefix: bullmq.opts.prefix ?? "" };
  const dying = new QueueWorker(bullmq.name, null, { ...options, autorun: false });
  onTestFinished(() => dying.close(true));
  expect((await dying.getNextJob("dying"))?.data).toContain("a-2");
  for (const job of await bullmq.getPrioritized()) await job.remove(); // as a Redis that is emptied
  first.close();
  const startedAt = performance.now();
  for (const { next, close } of lost) {
    expect(await next()).toMatchObject({ type: "opened" });
    close();
  }
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(worker.target.diary.filter((line) => line.startsWith("open"))).toHaveLength(3);
});

const forged: Readonly<Record<string, (bullmq: Queue, redis: Redis) => Promise<unknown>>> = {
  "a job that is no session's": async (bullmq) => {
    const texts = ["", "x", "null\n", '{"channelId":"c"}\n', `${" ".repeat(2_000)}\n`];
    for (const data of [null, 7, {}, ...texts]) await bullmq.add("session", data);
  },
  "a job whose session cannot be opened": (bullmq) =>
    bullmq.add("session", '{"channelId":"c","ingressId":"x"}\n{}'),
  "jobs that are not there": (bullmq, redis) =>
    redis.lpush(bullmq.toKey("wait"), ...Array.from({ length: 50 }, (_, index) => `x${index}`)),
  "a job whose fields are junk": async (bullmq, redis) => {
    await redis.hset(bullmq.toKey("x"), { data: '"', opts: "[", timestamp: "x" });
    await redis.lpush(bullmq.toKey("wait"), "x");
  },
  "a thousand jobs": (bullmq, redis) =>
    pushJobs(
      bullmq,
      redis,
      Array.from({ length: 1_000 }, (_, index) => `x${index}`),
      '"forged"',
    ),
};

/** Without a priority: they come before all that ingresses add. */
async function pushJobs(bullmq: Queue, redis: Redis, ids: readonly string[], data: string) {
  const pipeline = redis.pipeline();
  for (const id of ids)
    pipeline.hset(bullmq.toKey(id), { name: "x", opts: "{}", timestamp: 1, data });
  await pipeline.lpush(bullmq.toKey("wait"), ...ids).exec();
}

test.each(Object.entries(forged))(
  "%s is thrown away, and the next session is served",
  async (_, forge) => {
    const { meeting, sessions, open } = await openPair({ numPlaces: 1 });
    const first = await open("a-1");
    const next = reading(sessions.open({ sessionId: "a-2" }));
    await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(1);
    await forge(queueOf(meeting), meeting.connect());
    first.close();
    expect(await next.next()).toMatchObject({ type: "opened" });
  },
);
