import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
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

test("a full worker makes room for a session that nobody else takes", async () => {
  const { worker, open } = await openPair({ numPlaces: 1, canMakeRoom: true });
  const idle = await open("a-1");
  await open("a-2");
  expect(worker.target.sessions).toEqual(new Set(["a-2"]));
  await expect(idle.next()).rejects.toMatchObject({ code: "not_found" });
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

test("a session that is not in the queue any more and that no worker claims is aborted", async () => {
  const { meeting, sessions, open } = await openPair({ numPlaces: 1 });
  await open("a-1");
  const lost = reading(sessions.open({ sessionId: "a-2" }));
  const bullmq = queueOf(meeting);
  await expect.poll(() => bullmq.getPrioritizedCount()).toBe(1);
  for (const job of await bullmq.getPrioritized()) await job.remove(); // as a Redis that is emptied
  await expect(lost.next()).rejects.toMatchObject({
    code: "aborted",
    message: "no worker claimed session a-2: open it again",
  });
  expect(sessions.numSessions).toBe(1);
});

test("what is no session in the queue is thrown away, and the next one is served", async () => {
  const { meeting, sessions, open } = await openPair({ numPlaces: 1 });
  const first = await open("a-1");
  const bullmq = queueOf(meeting);
  const good = { jobId: "j", ingressId: "i", sessionId: "s", job: null };
  for (const data of [null, 7, {}, { ...good, sessionId: "" }, { ...good, ingressId: 1 }])
    await bullmq.add("session", data, { removeOnComplete: true });
  const next = reading(sessions.open({ sessionId: "a-2" }));
  first.close();
  expect(await next.next()).toMatchObject({ type: "opened" });
});
