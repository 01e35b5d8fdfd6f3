import { expect, test } from "vitest";
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
