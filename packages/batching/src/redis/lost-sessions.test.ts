import { redisCli, startRedisServer } from "@adaedl/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { commitOf, offerOf } from "./scripted-target.cases.ts";
import {
  openCaseIngress,
  openCaseWorker,
  openPair,
  openPuppetSessionIngress,
  reading,
} from "./session-meeting.cases.ts";

const gone = (sessionId: string) => ({
  code: "not_found",
  message: `the worker of session ${sessionId} is gone: send its prefix`,
  field: "session_id",
  value: sessionId,
});

describe("a worker", () => {
  /** Two workers with a session each. */
  async function openAll() {
    const meeting = createMeeting();
    const workers = [
      await openCaseWorker(meeting, "w1", { numPlaces: 1 }),
      await openCaseWorker(meeting, "w2", { numPlaces: 1 }),
    ];
    const lost: unknown[][] = [];
    const onWorkerLost = (...args: unknown[]) => lost.push(args);
    const { sessions, open } = await openCaseIngress(meeting, "i", { onWorkerLost });
    await expect.poll(() => sessions.workers.size).toBe(2);
    const [first, second] = [await open("a-1"), await open("a-2")]; // one for each
    const [own] = workers.filter(({ target }) => target.sessions.has("a-1"));
    const [other] = workers.filter(({ target }) => target.sessions.has("a-2"));
    if (own === undefined || other === undefined) throw new Error("no session");
    return { first, second, own, other, lost, sessions, open };
  }

  test.each([
    ["is closed", true, 600],
    ["vanishes", false, 3_000], // 0.8 s, and slack for a busy machine
  ])("that %s is lost with its sessions, and with no other", async (_, hasLeft, withinMs) => {
    const { first, second, own, other, lost, sessions, open } = await openAll();
    const startedAt = performance.now();
    const ended = hasLeft ? own.running.close() : own.hub.close();
    await expect(first.next()).rejects.toMatchObject(gone("a-1"));
    expect(performance.now() - startedAt).toBeLessThan(withinMs);
    await ended;
    expect(lost).toEqual([[own.hub.id, 1, hasLeft]]);
    second.offer(offerOf(3));
    expect(await second.next()).toEqual(commitOf(3));
    second.close();
    await open("a-1"); // again, at the other one
    expect(other.target.sessions).toEqual(new Set(["a-1"]));
    expect(sessions.numSessions).toBe(1);
  });

  test("forgets a session for which nothing comes, and no other", async () => {
    const { worker, open } = await openPair({ forgetAfterMs: 500 });
    const [idle, used] = [await open("a-1"), await open("a-2")];
    const isForgotten = async () => {
      used.offer(offerOf(1));
      await used.next();
      return !worker.target.sessions.has("a-1");
    };
    await expect.poll(isForgotten, { timeout: 4_000, interval: 100 }).toBe(true);
    await expect(idle.next()).rejects.toMatchObject(gone("a-1"));
    expect(await isForgotten()).toBe(true);
    expect(worker.target.sessions).toEqual(new Set(["a-2"]));
  });

  test("frees the sessions of an ingress that vanishes, and of no other", async () => {
    const { meeting, worker, open } = await openPair();
    await open("a-1");
    const vanishing = await openCaseIngress(meeting, "v");
    await vanishing.open("v-1");
    await vanishing.hub.close();
    const lease = { timeout: 9_000 }; // five seconds, and slack for a busy machine
    await expect.poll(() => worker.target.sessions, lease).toEqual(new Set(["a-1"]));
  });

  test("frees the sessions of an ingress that leaves at once", async () => {
    const { meeting, worker, open } = await openPair();
    await open("a-1");
    const leaving = await openPuppetSessionIngress(meeting);
    leaving.beat();
    await leaving.seek({ sessionId: "p-1" });
    await expect.poll(() => worker.target.sessions.size).toBe(2);
    leaving.beat({ isLeaving: true });
    await expect.poll(() => worker.target.sessions).toEqual(new Set(["a-1"]));
  });
});

describe("Redis", () => {
  async function openOwnRedis() {
    const redis = await startRedisServer();
    onTestFinished(() => redis.close());
    return redis;
  }
  const idsOf = async (port: number, ...type: string[]) =>
    (await redisCli(port, "client", "list", ...type)).map(
      (line) => /^id=(\d+)/.exec(line)?.[1] ?? "",
    );

  test.each([
    ["all connections", []],
    ["the connection it listens on", ["type", "pubsub"]],
  ])("cuts %s of a worker: each message still arrives once, in order", async (_, type) => {
    const redis = await openOwnRedis();
    const meeting = createMeeting(redis.url);
    const before = await idsOf(redis.port);
    const worker = await openCaseWorker(meeting, "w");
    const ofWorker = (await idsOf(redis.port, ...type)).filter((id) => !before.includes(id));
    const { open } = await openCaseIngress(meeting, "i");
    const all = ["a-1", "a-2", "a-3"].map(async (name) => {
      const session = await open(name, { numCommits: 100 });
      const read: unknown[] = [];
      const next = async () => {
        const message = await session.next();
        if (message?.type === "commit") read.push(message.commit.position);
      };
      for (let turn = 0; turn < 100; turn++) await next();
      for (let firstId = 100; firstId < 300; firstId++) {
        session.offer(offerOf(firstId));
        if (firstId >= 140) await next(); // 40 are always on their way
        // What is sent while the worker is deaf is lost.
        if (firstId === 180 && name === "a-1")
          void Promise.all(ofWorker.map((id) => redisCli(redis.port, "client", "kill", "id", id)));
      }
      session.cancel();
      return [...read, ...(await session.rest())];
    });
    for (const read of await Promise.all(all))
      expect(read).toEqual(Array.from({ length: 300 }, (_, position) => position));
    expect(worker.hub.numLosses).toBeGreaterThan(0);
    await expect.poll(() => worker.running.numSessions).toBe(0);
  });

  test("that is lost fails every session; back and empty, it serves new ones, and the places are free", async () => {
    const redis = await openOwnRedis();
    const { hub, worker, sessions, open } = await openPair({ numPlaces: 1 }, redis.url);
    const session = await open("a-1");
    const waiting = reading(sessions.open({ sessionId: "a-2" }));
    await redis.kill();
    for (const { next } of [session, waiting])
      await expect(next()).rejects.toMatchObject({ code: "unavailable" });
    const refused = reading(sessions.open({ sessionId: "a-3" }));
    await expect(refused.next()).rejects.toMatchObject({ code: "unavailable" });
    expect([sessions.numSessions, worker.running.numSessions]).toEqual([0, 1]);
    await redis.start();
    await expect.poll(() => hub.isUp && worker.hub.isUp, { timeout: 5_000 }).toBe(true);
    await open("a-4"); // the worker asked, and was told that nobody uses the other one
    expect(worker.target.sessions).toEqual(new Set(["a-4"]));
  });

  test("that is lost does not end a session whose target has nothing to send: it goes on at its worker", async () => {
    const redis = await openOwnRedis();
    const { hub, worker, open } = await openPair({}, redis.url);
    const session = await open("a-1", { credit: 0 });
    await redis.kill();
    await expect.poll(() => hub.isUp || worker.hub.isUp).toBe(false);
    await redis.start();
    await expect.poll(() => hub.isUp && worker.hub.isUp, { timeout: 5_000 }).toBe(true);
    session.offer(offerOf(3));
    expect(await session.next()).toEqual(commitOf(3));
  });

  test("that hangs does not delay the end of a worker and an ingress", async () => {
    const redis = await openOwnRedis();
    const { hub, worker, sessions, open } = await openPair({}, redis.url);
    await open("a-1");
    redis.signal("SIGSTOP");
    await expect.poll(() => hub.isUp || worker.hub.isUp, { timeout: 3_000 }).toBe(false);
    const startedAt = performance.now();
    await worker.running.close();
    await sessions.end();
    await Promise.all([hub.close(), worker.hub.close()]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(worker.target.sessions.size).toBe(0);
  });

  test("that is lost does not end the sessions of a worker in the same process", async () => {
    const redis = await openOwnRedis();
    const meeting = createMeeting(redis.url);
    const hub = await meeting.openHub("both");
    await openCaseWorker(meeting, "both", {}, hub);
    const { sessions, open } = await openCaseIngress(meeting, "both", {}, hub);
    const session = await open("a-1");
    await redis.kill();
    await expect.poll(() => hub.isUp).toBe(false);
    session.offer(offerOf(3));
    expect(await session.next()).toEqual(commitOf(3));
    expect(sessions.numSessions).toBe(1);
  });
});
