import { expect, onTestFinished, test } from "vitest";
import { createMeeting, kind } from "./meeting.cases.ts";
import { keysOf, openFull, queueOf } from "./placements.cases.ts";

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
  await expect.poll(() => queue.numWaiting).toBe(4); // claims are on their way
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
  const load = { numSessions: 1, numPlaces: 1, numQueued: 0, numForwards: 0 };
  const peer = { id: "x", numLosses: 0, kind, facts: null, ...load };
  const talk = setInterval(() => hub.broadcast("workers", peer), 20);
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
