import { startRedisServer } from "@adaedl/testing";
import { Worker as QueueWorker } from "bullmq";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { keysOf, openFull, queueOf } from "./placements.cases.ts";

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
