import { startRedisServer } from "@adaedl/testing";
import { Queue, Worker as QueueWorker } from "bullmq";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting, kind, type Meeting } from "./meeting.cases.ts";

/** The sessions that wait, as BullMQ sees them. */
function queueOf({ namespace, connect }: Meeting): Queue {
  const options = { prefix: `{adaedl-${namespace}}`, skipMetasUpdate: true };
  const queue = new Queue(`sessions-${kind}`, { connection: connect(), ...options });
  onTestFinished(() => queue.close());
  return queue;
}

/** What is constant: the queue's description, its counters and its last events. */
const constantKeys = ["events", "id", "marker", "meta", "pc", "stalled-check"];
async function keysOf(meeting: Meeting): Promise<(string | undefined)[]> {
  const keys = await meeting.connect().keys(`*${meeting.namespace}*`);
  return keys
    .map((key) => key.split(":").at(-1))
    .filter((key) => !constantKeys.includes(key ?? ""));
}

/** A worker that has no room and gets none, and an ingress: whoever comes now waits. */
async function openFull(meeting: Meeting, maxWaiting = 100) {
  const worker = await meeting.openWorker("w", { numPlaces: 1 });
  const ingress = await meeting.openIngress("i", { maxWaiting });
  await ingress.open("first-0");
  return { worker, ingress };
}

test("a burst of sessions fills the places there are; the others wait, none is refused", async () => {
  const meeting = createMeeting();
  const workers = [
    await meeting.openWorker("w1", { numPlaces: 2 }),
    await meeting.openWorker("w2", { numPlaces: 3 }),
  ];
  const { queue, open } = await meeting.openIngress("i");
  const names = Array.from({ length: 9 }, (_, index) => `a-${index}`);
  const opened = names.map((name) => open(name));
  await expect.poll(() => workers.map(({ sessions }) => sessions.size)).toEqual([2, 3]);
  expect(queue.numWaiting).toBe(4);
  for (const name of names) {
    await opened[names.indexOf(name)]; // in the order they came
    queue.release(name);
  }
  expect(await keysOf(meeting)).toEqual([]);
});

test("more than may wait are refused at once, and told when to try again", async () => {
  const meeting = createMeeting();
  const { ingress } = await openFull(meeting, 2);
  const waiting = [ingress.open("a-1"), ingress.open("a-2")];
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(2);
  const startedAt = performance.now();
  await expect(ingress.open("a-3")).rejects.toMatchObject({
    code: "resource_exhausted",
    message: "2 sessions wait for a place",
    field: "queue",
    retryAfterMs: expect.any(Number),
  });
  expect(performance.now() - startedAt).toBeLessThan(500);
  ingress.queue.release("first-0");
  expect(await waiting[0]).toEqual(["a-10"]);
  const next = ingress.open("a-4"); // there is room in the queue again
  ingress.queue.release("a-1");
  await waiting[1];
  ingress.queue.release("a-2");
  await next;
});

test("the limit holds in a burst, too", async () => {
  const { ingress } = await openFull(createMeeting(), 5);
  const names = Array.from({ length: 20 }, (_, index) => `a-${index}`);
  const settled = names.map((name) =>
    ingress.open(name).then(
      () => "opened",
      ({ code }) => code,
    ),
  );
  await expect.poll(() => ingress.queue.numQueued).toBe(5);
  for (const name of ["first-0", ...names.slice(0, 5)]) {
    if (name !== "first-0") expect(await settled[names.indexOf(name)]).toBe("opened");
    ingress.queue.release(name);
  }
  const codes = await Promise.all(settled);
  expect(codes.slice(5)).toEqual(codes.slice(5).map(() => "resource_exhausted"));
});

test("of two clients that wait, the one with fewer sessions gets the next place", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w", { numPlaces: 3 });
  const { queue, open } = await meeting.openIngress("i");
  for (const name of ["many-1", "many-2", "many-3"]) await open(name);
  const many = open("many-4");
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(1);
  const few = open("few-1");
  await expect.poll(() => queue.numWaiting).toBe(2);
  queue.release("many-1");
  await few;
  expect(queue.numWaiting).toBe(1);
  expect(worker.sessions).toEqual(new Set(["many-2", "many-3", "few-1"]));
  queue.release("many-2");
  await many;
});

test("a full worker makes room for a session nobody else takes, however much others say", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w", { numPlaces: 1, canMakeRoom: true });
  const { hub, open } = await meeting.openIngress("i");
  await open("a-1");
  const peer = { id: "x", numLosses: 0, kind, facts: null, numSessions: 1, numPlaces: 1 };
  const talk = setInterval(() => hub.broadcast("workers", { ...peer, numQueued: 0 }), 20);
  onTestFinished(() => clearInterval(talk));
  await expect.poll(() => worker.running.numQueued).toBe(0);
  for (const name of ["a-2", "a-3"]) {
    const startedAt = performance.now();
    await open(name);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(worker.sessions).toEqual(new Set([name]));
  }
});

test("a session goes to a worker with room before a full one makes room", async () => {
  const meeting = createMeeting();
  const full = await meeting.openWorker("w1", { numPlaces: 1, canMakeRoom: true });
  const { open } = await meeting.openIngress("i");
  await open("a-1");
  const free = await meeting.openWorker("w2", { numPlaces: 1 });
  await open("a-2");
  expect([full.sessions, free.sessions]).toEqual([new Set(["a-1"]), new Set(["a-2"])]);
});

test("where the last worker has left, a session is refused at once", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const { queue, open } = await meeting.openIngress("i");
  await worker.running.close();
  await expect.poll(() => queue.workers.size).toBe(0);
  await expect(open("a-1")).rejects.toMatchObject({
    code: "unavailable",
    message: "there is no worker",
  });
  expect(await keysOf(meeting)).toEqual([]);
});

test("an aborted session leaves nothing in the queue, whenever that is", async () => {
  const meeting = createMeeting();
  const { worker, ingress } = await openFull(meeting, 4);
  const bullmq = queueOf(meeting);
  for (let turn = 0; turn < 12; turn++) {
    const controller = new AbortController();
    const name = `a-${turn}`;
    const opened = ingress.open(name, controller.signal);
    // At once, after some turns in the middle of its way into the queue, and when it is there.
    for (let i = 0; i < turn; i++) await new Promise(setImmediate);
    if (turn > 9) await expect.poll(() => bullmq.getPrioritizedCount()).toBe(1);
    controller.abort();
    await expect(opened).rejects.toMatchObject({ code: "cancelled" });
    ingress.queue.release(name);
    await expect.poll(() => keysOf(meeting)).toEqual([]);
  }
  ingress.queue.release("first-0");
  await ingress.open("b-1");
  expect(worker.begun()).toEqual(["first-0", "b-1"]);
});

test("a worker that takes a session from the queue and dies makes it fail in some seconds", async () => {
  const meeting = createMeeting();
  const { ingress } = await openFull(meeting);
  const bullmq = queueOf(meeting);
  const [taken, removed] = [ingress.open("a-1"), ingress.open("b-1")];
  await expect.poll(() => bullmq.getPrioritizedCount()).toBe(2);
  const options = { connection: meeting.connect(), prefix: bullmq.opts.prefix ?? "" };
  const dying = new QueueWorker(bullmq.name, null, { ...options, autorun: false });
  onTestFinished(() => dying.close(true));
  const job = await dying.getNextJob("dying");
  expect(job?.data).toMatchObject({ ingressId: "i" });
  for (const other of await bullmq.getPrioritized()) await other.remove();
  const startedAt = performance.now();
  for (const [opened, name] of [
    [taken, "a-1"],
    [removed, "b-1"],
  ] as const)
    await expect(opened).rejects.toMatchObject({
      code: "aborted",
      message: `no worker claimed session ${name}: open it again`,
      field: "session_id",
      value: name,
    });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(ingress.queue.numQueued).toBe(0);
});

test("a Redis that is emptied makes those that wait fail in some seconds; who comes later is served", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  const meeting = createMeeting(redis.url);
  const { worker, ingress } = await openFull(meeting);
  const opened = ["a-1", "a-2", "a-3"].map((name) => ingress.open(name));
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(3);
  await meeting.connect().flushall();
  const settled = await Promise.allSettled(opened);
  for (const result of settled) expect(result).toMatchObject({ reason: { code: "aborted" } });
  ingress.queue.release("first-0");
  expect(await ingress.open("a-4")).toEqual(["a-40"]);
  expect(worker.begun()).toEqual(["first-0", "a-4"]);
});

test("what is no session in the queue is thrown away, and the next one is served", async () => {
  const meeting = createMeeting();
  const { ingress } = await openFull(meeting);
  const bullmq = queueOf(meeting);
  const opened = ingress.open("a-1");
  await expect.poll(() => bullmq.getPrioritizedCount()).toBe(1);
  const good = { jobId: "j", ingressId: "i", sessionId: "s", job: null };
  for (const data of [null, 7, {}, { ...good, sessionId: "" }, { ...good, ingressId: 1 }])
    await bullmq.add("session", data, { removeOnComplete: true });
  ingress.queue.release("first-0");
  await opened;
  ingress.queue.release("a-1");
  await ingress.open("a-2");
  await expect.poll(() => keysOf(meeting)).toEqual([]);
});

test("a session's id may hold any characters", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const { queue, open, ask } = await meeting.openIngress("i");
  const ids = [
    "7",
    "a:b",
    "a:b:c",
    "{a}",
    "a b\t\n",
    '"',
    "ä€😀",
    "-",
    "__proto__",
    "x".repeat(180),
  ];
  for (const id of ids) {
    expect(await open(id)).toEqual([`${id}0`]);
    expect(await ask(id, "round", 2)).toEqual(["round0", "round1"]);
    expect(worker.sessions).toEqual(new Set([id]));
    queue.release(id);
    await expect.poll(() => worker.sessions.size).toBe(0);
  }
  expect(await keysOf(meeting)).toEqual([]);
});
