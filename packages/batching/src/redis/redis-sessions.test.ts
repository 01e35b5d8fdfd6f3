import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { keysOf, queueOf } from "./placements.cases.ts";
import { commitOf, offerOf } from "./scripted-target.cases.ts";
import { openPair, reading } from "./session-meeting.cases.ts";

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

test("messages go both ways, in order, until the target has finished", async () => {
  const { meeting, worker, sessions, open } = await openPair();
  expect(sessions.facts).toEqual({ from: "w" });
  const session = await open("a-1", { numCommits: 1 });
  expect(await session.next()).toEqual(commitOf(0));
  session.offer(offerOf(3));
  session.offer(offerOf(9));
  expect([await session.next(), await session.next()]).toEqual([commitOf(3), commitOf(9)]);
  expect([sessions.numSessions, worker.running.numSessions]).toEqual([1, 1]);
  session.cancel();
  expect(await session.next()).toEqual({ type: "finished", reason: "cancelled" });
  expect(await session.next()).toBeUndefined();
  session.offer(offerOf(4)); // late
  await expect.poll(() => worker.running.numSessions).toBe(0);
  expect(worker.target.diary).toEqual([
    ...["open a-1", "offer a-1 3", "offer a-1 9", "cancel a-1", "close a-1"],
  ]);
  expect(sessions.numSessions).toBe(0);
  expect(await keysOf(meeting)).toEqual([]);
});

test("what is sent while a session waits for a place arrives when it has one", async () => {
  const { meeting, worker, sessions, open } = await openPair({ numPlaces: 1 });
  const first = await open("a-1");
  const waiting = reading(sessions.open({ sessionId: "a-2" }));
  for (const firstId of range(1, 100)) waiting.offer(offerOf(firstId));
  waiting.cancel();
  await expect.poll(() => queueOf(meeting).getPrioritizedCount()).toBe(1);
  expect([sessions.numSessions, sessions.numWaiting]).toEqual([2, 1]);
  first.close();
  expect(await waiting.rest()).toEqual(range(1, 100));
  expect(worker.target.diary).not.toContain("offer a-1 1");
});

test("many sessions at a time have their own messages each, over any number of windows", async () => {
  const { worker, open } = await openPair();
  const all = range(0, 4).map(async (index) => {
    const session = await open(`a-${index}`, { numCommits: 300 });
    const positions: unknown[] = [];
    const read = async () => {
      const message = await session.next();
      if (message?.type === "commit") positions.push(message.commit.position);
    };
    for (const _ of range(0, 300)) await read();
    for (const from of range(3, 7)) {
      for (const firstId of range(from * 100, from * 100 + 100)) session.offer(offerOf(firstId));
      for (const _ of range(0, 100)) await read();
    }
    session.cancel();
    return [...positions, ...(await session.rest())];
  });
  for (const positions of await Promise.all(all)) expect(positions).toEqual(range(0, 700));
  await expect.poll(() => worker.running.numSessions).toBe(0);
});

test("a target is at most a window ahead of a reader", async () => {
  const { worker, open } = await openPair();
  const session = await open("a-1", { numCommits: 1_000 });
  for (const position of range(0, 300)) expect(await session.next()).toEqual(commitOf(position));
  await sleep(50);
  expect(worker.target.numMade).toBeGreaterThan(500);
  expect(worker.target.numMade).toBeLessThanOrEqual(300 + 256 + 16);
  const positions = session.rest();
  session.cancel();
  expect(await positions).toEqual(range(300, 1_000));
});

test("an edge that floods a session that waits ends it, and it alone", async () => {
  const { sessions, open } = await openPair({ numPlaces: 1 });
  const other = await open("a-1");
  const flooding = reading(sessions.open({ sessionId: "a-2" }));
  for (const firstId of range(1, 1_000)) flooding.offer(offerOf(firstId));
  await expect(flooding.next()).rejects.toMatchObject({
    code: "aborted",
    message: "the channel to the worker broke: 256 messages are not acknowledged",
  });
  other.offer(offerOf(1));
  expect(await other.next()).toEqual(commitOf(1));
  await expect.poll(() => sessions.numSessions).toBe(1);
});

test("counts forwards: of the session's worker, or of all while it waits", async () => {
  const { worker, sessions, open } = await openPair({ numPlaces: 1 });
  const session = await open("a-1");
  const counts = () => ["a-1", "waiting"].map((id) => sessions.numForwards(id));
  worker.target.completeForward();
  await expect.poll(counts).toEqual([1, 1]);
  session.close();
});

describe("a failure", () => {
  test("of the target comes after the messages before it", async () => {
    const { worker, open } = await openPair();
    const session = await open("a-1");
    for (const firstId of [1, 2, 66_666]) session.offer(offerOf(firstId));
    expect([await session.next(), await session.next()]).toEqual([commitOf(1), commitOf(2)]);
    await expect(session.next()).rejects.toMatchObject({
      code: "internal",
      message: "the target broke",
    });
    await expect.poll(() => worker.running.numSessions).toBe(0);
  });

  test("to decode a message, at either end, ends that session alone", async () => {
    const { worker, open } = await openPair();
    const other = await open("a-1");
    const up = await open("a-2");
    up.offer(offerOf(77_777));
    await expect(up.next()).rejects.toMatchObject({
      code: "invalid_argument",
      message: "type must be there",
    });
    const down = await open("a-3");
    down.offer(offerOf(88_888));
    await expect(down.next()).rejects.toMatchObject({
      code: "internal",
      message: "the worker sent an invalid message: type must be there",
    });
    await expect.poll(() => worker.running.numSessions).toBe(1);
    expect([...worker.target.sessions]).toEqual(["a-1"]);
    other.offer(offerOf(1));
    expect(await other.next()).toEqual(commitOf(1));
  });
});

describe("an end at the ingress frees the place", () => {
  test.each([
    ["close", "was closed"],
    ["break", undefined],
    ["abort", "the request was cancelled"],
  ] as const)("by %s, whenever that is", async (how, message) => {
    const { meeting, worker, sessions } = await openPair();
    for (let turn = 0; turn < 10; turn++) {
      const controller = new AbortController();
      const session = sessions.open({ sessionId: `a-${turn}` }, controller.signal);
      const { next } = reading(session);
      // At once, on its way into the queue, at the worker, and when it is open.
      for (let i = 0; i < turn * 2; i++) await new Promise(setImmediate);
      if (turn === 9 && how !== "break") await next();
      if (how === "close") session.close();
      else if (how === "abort") controller.abort();
      else for await (const _ of session.messages) break;
      if (message === undefined) expect(await next()).toBeUndefined();
      else
        await expect(async () => {
          while (await next());
        }).rejects.toMatchObject({ code: "cancelled", message: expect.stringContaining(message) });
      session.close(); // once more
      await expect.poll(() => keysOf(meeting)).toEqual([]);
    }
    await expect.poll(() => worker.running.numSessions).toBe(0);
    expect([worker.target.sessions.size, sessions.numSessions]).toEqual([0, 0]);
  });

  test("before it was opened nothing is placed", async () => {
    const { worker, sessions } = await openPair();
    const { next } = reading(sessions.open({ sessionId: "a-1" }, AbortSignal.abort()));
    await expect(next()).rejects.toMatchObject({ code: "cancelled" });
    expect([sessions.numSessions, worker.target.diary]).toEqual([0, []]);
  });
});
