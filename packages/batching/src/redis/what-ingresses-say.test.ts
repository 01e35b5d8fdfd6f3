import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { openPuppetIngress } from "./puppets.cases.ts";

/** A worker, and an ingress that says what the test likes; its session "a-1" is open. */
async function openBoth() {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const puppet = await openPuppetIngress(meeting, "p");
  const jobId = await puppet.seek("a-1");
  await expect.poll(() => puppet.heard.at(-1)).toEqual({ type: "end", jobId, numAnswers: 1 });
  const job = (jobId: string, numAnswers: number, fields: object = {}) => ({
    ...{ type: "job", jobId, ingressId: "p", sessionId: "a-1", numReceived: 0 },
    job: { name: jobId, numAnswers, sessionId: "a-1", opens: false },
    ...fields,
  });
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => from + index);
  return { meeting, worker, puppet, job, range };
}

test("a session is claimed, with who claims it, and answered", async () => {
  const { puppet } = await openBoth();
  const [claim, answer] = puppet.heard;
  expect(claim).toMatchObject({ type: "claim", sessionId: "a-1", workerId: "w", numLosses: 0 });
  expect(answer).toMatchObject({ type: "answer", number: 0, answer: "a-10" });
});

test("a job that is sent again while it runs runs once", async () => {
  const { worker, puppet, job } = await openBoth();
  let numArrived = 0;
  await worker.hub.listen("worker:w", () => numArrived++);
  worker.hold();
  puppet.say(job("r", 2), job("r", 2));
  await expect.poll(worker.begun).toContain("r");
  puppet.say(job("r", 2));
  await expect.poll(() => numArrived).toBe(3);
  worker.release();
  await expect.poll(() => puppet.heard.at(-1)).toMatchObject({ type: "end", jobId: "r" });
  expect(worker.begun()).toEqual(["a-1", "r"]);
  expect(puppet.numbersOf("r")).toEqual([0, 1]);
});

test("a worker makes some answers ahead, and goes on when they are taken", async () => {
  const { worker, puppet, job, range } = await openBoth();
  puppet.say(job("r", 20));
  await expect.poll(() => puppet.numbersOf("r")).toEqual(range(0, 8));
  puppet.say({ type: "take", jobId: "r", numTaken: 4 });
  await expect.poll(() => puppet.numbersOf("r")).toEqual(range(0, 12));
  puppet.say({ type: "take", jobId: "r", numTaken: 2 }); // came too late
  // What came says what was taken, and all that did not come is said again.
  puppet.say(job("r", 20, { numReceived: 9 }));
  await expect
    .poll(() => puppet.numbersOf("r"))
    .toEqual([...range(0, 12), ...range(9, 12), ...range(12, 17)]);
  puppet.say({ type: "take", jobId: "r", numTaken: 1_000 });
  await expect.poll(() => puppet.heard.at(-1)).toEqual({ type: "end", jobId: "r", numAnswers: 20 });
  expect(worker.begun()).toEqual(["a-1", "r"]);
});

test("a job that has ended and is asked again is answered as if it were new", async () => {
  const { puppet, job, range } = await openBoth();
  puppet.say(job("r", 3));
  await expect.poll(() => puppet.heard.at(-1)).toEqual({ type: "end", jobId: "r", numAnswers: 3 });
  puppet.say(job("r", 20, { numReceived: 2 })); // the engine knows that it is the same question
  await expect.poll(() => puppet.numbersOf("r").slice(3)).toEqual(range(0, 10));
});

test("the end of a session ends its jobs, and only those", async () => {
  const { worker, puppet, job, range } = await openBoth();
  await puppet.seek("a-2");
  await expect.poll(() => worker.sessions.size).toBe(2);
  puppet.say(job("r", 20), job("o", 20, { sessionId: "a-2" }));
  await expect.poll(() => puppet.numbersOf("o").length).toBe(8);
  puppet.say({ type: "release", sessionId: "a-1" });
  await expect
    .poll(() => puppet.heard)
    .toContainEqual(expect.objectContaining({ type: "failure", jobId: "r" }));
  expect(worker.sessions).toEqual(new Set(["a-2"]));
  expect(worker.running.numQueued).toBe(1);
  puppet.say({ type: "take", jobId: "o", numTaken: 20 });
  await expect.poll(() => puppet.numbersOf("o")).toEqual(range(0, 20));
  await expect.poll(() => worker.running.numQueued).toBe(0);
});

test("a job that makes no sense fails, and nothing else", async () => {
  const { worker, puppet, job } = await openBoth();
  for (const nonsense of [null, 7, "job", [], {}, { name: 1 }])
    puppet.say(job(`bad ${JSON.stringify(nonsense)}`, 0, { job: nonsense }));
  puppet.say(job("r", 1));
  await expect.poll(() => puppet.heard.at(-1)).toMatchObject({ type: "end", jobId: "r" });
  const failures = puppet.heard.filter(({ type }) => type === "failure");
  expect(failures).toHaveLength(6);
  for (const { failure } of failures as { failure: object }[])
    expect(failure).toEqual({ code: "invalid_argument", message: "name must be there" });
  expect(worker.running.numQueued).toBe(0);
});

test("a round of a session that is not here is not found", async () => {
  const { puppet, job } = await openBoth();
  const elsewhere = { name: "r", numAnswers: 1, sessionId: "b-1", opens: false };
  puppet.say(job("r", 1, { sessionId: "b-1", job: elsewhere }));
  const failure = expect.objectContaining({ code: "not_found" });
  await expect.poll(() => puppet.heard.at(-1)).toEqual({ type: "failure", jobId: "r", failure });
});

test("what is withdrawn before it began ends, what runs goes on, and all may be cancelled", async () => {
  const { worker, puppet, job } = await openBoth();
  worker.hold();
  puppet.say(job("r", 1), { type: "withdraw", jobId: "nobody" }, { type: "cancel", jobId: "r0" });
  await expect.poll(worker.begun).toContain("r");
  puppet.say({ type: "withdraw", jobId: "r" });
  worker.release();
  await expect.poll(() => puppet.heard.at(-1)).toMatchObject({ type: "end", jobId: "r" });
  puppet.say(job("c", 100));
  await expect.poll(() => puppet.numbersOf("c").length).toBe(8);
  puppet.say({ type: "cancel", jobId: "c" }, { type: "cancel", jobId: "c" });
  await expect.poll(() => worker.running.numQueued).toBe(0);
  expect(worker.sessions.size).toBe(1); // the session goes on
});
