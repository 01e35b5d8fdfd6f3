import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { openPuppetWorker } from "./puppets.cases.ts";

/** An ingress whose session "a-1" is at a worker that says what the test likes. */
async function openBoth() {
  const meeting = createMeeting();
  const puppet = await openPuppetWorker(meeting, "x");
  const { queue, open, ask } = await meeting.openIngress("i");
  const opened = open("a-1");
  await puppet.open();
  expect(await opened).toEqual(["a-10"]);
  /** A round that the worker was asked for. */
  async function begin(name: string, numAnswers: number) {
    const answers = ask("a-1", name, numAnswers);
    await expect.poll(() => puppet.lastJob()?.job).toMatchObject({ name });
    const jobId = puppet.lastJob()?.jobId ?? "";
    const answer = (number: number) => ({
      ...{ type: "answer", jobId, number },
      answer: `${name}${number}`,
    });
    const end = (count: number) => ({ type: "end", jobId, numAnswers: count });
    return { answers, jobId, answer, end };
  }
  return { meeting, puppet, queue, open, ask, begin };
}

test("answers and ends that come twice count once", async () => {
  const { puppet, queue, begin } = await openBoth();
  const { answers, jobId, answer, end } = await begin("r", 3);
  puppet.say(...[0, 0, 1, 0, 1, 2, 1].map(answer), end(3), end(3), end(0), answer(2));
  puppet.say({ type: "failure", jobId, failure: { code: "internal", message: "too late" } });
  expect(await answers).toEqual(["r0", "r1", "r2"]);
  const next = await begin("n", 1);
  puppet.say(answer(3), answer(0), end(4)); // of a job that is over
  puppet.say(next.answer(0), next.end(1));
  expect(await next.answers).toEqual(["n0"]);
  expect(queue.numQueued).toBe(0);
});

test("a job that lost an answer fails, is cancelled, and no other is touched", async () => {
  const { puppet, queue, begin } = await openBoth();
  for (const lose of [
    ({ answer }: Awaited<ReturnType<typeof begin>>) => [answer(0), answer(2), answer(1)],
    ({ answer, end }: Awaited<ReturnType<typeof begin>>) => [answer(0), end(2)],
  ]) {
    const other = await begin("o", 1);
    const broken = await begin("b", 3);
    puppet.say(...lose(broken));
    await expect(broken.answers).rejects.toMatchObject({
      code: "aborted",
      message: "an answer of the worker was lost",
    });
    await expect.poll(() => puppet.heard).toContainEqual({ type: "cancel", jobId: broken.jobId });
    puppet.say(other.answer(0), other.end(1));
    expect(await other.answers).toEqual(["o0"]);
  }
  expect(queue.numQueued).toBe(0);
});

test("an answer that cannot be understood fails its job; what is no message changes nothing", async () => {
  const { puppet, begin } = await openBoth();
  const other = await begin("o", 2);
  const { answers, jobId } = await begin("b", 1);
  puppet.say(other.answer(0));
  puppet.say(
    ...[{ jobId }, { type: "answer", jobId }, { type: "answer", jobId, number: -1, answer: "x" }],
    ...[
      { type: "end", jobId },
      { type: "failure", jobId },
      { type: "failure", failure: {} },
    ],
    { type: "failure", jobId, failure: { code: "unknown", message: "" } },
    { type: "job", jobId, ingressId: "i", sessionId: "a-1", job: {}, numReceived: 0 },
    { type: "answer", jobId, number: 0, answer: { toString: 1, valueOf: 1 } },
  );
  await expect(answers).rejects.toMatchObject({
    code: "internal",
    message: expect.stringMatching(/^the worker answered nonsense: ./),
  });
  puppet.say(other.answer(1), other.end(2));
  expect(await other.answers).toEqual(["o0", "o1"]);
});

test("a failure is what the job fails with, after the answers before it", async () => {
  const { puppet, queue, begin } = await openBoth();
  const { answers, jobId, answer } = await begin("r", 3);
  const failure = { code: "resource_exhausted", message: "no", field: "f", value: 7 };
  puppet.say(answer(0), { type: "failure", jobId, failure: { ...failure, retryAfterMs: 30 } });
  await expect(answers).rejects.toMatchObject({ ...failure, retryAfterMs: 30 });
  expect(queue.numQueued).toBe(0);
});

test("answers for nobody change nothing", async () => {
  const { puppet, queue, begin } = await openBoth();
  const { answers, answer, end } = await begin("r", 1);
  for (const jobId of ["nobody", "__proto__", "constructor"])
    puppet.say(
      { type: "answer", jobId, number: 0, answer: "x" },
      { type: "end", jobId, numAnswers: 0 },
      { type: "failure", jobId, failure: { code: "internal", message: "" } },
    );
  puppet.say(answer(0), end(1));
  expect(await answers).toEqual(["r0"]);
  expect(queue.numQueued).toBe(0);
});

test("takes are told every few answers, so that the worker may go on", async () => {
  const { puppet, begin } = await openBoth();
  const { answers, jobId, answer, end } = await begin("r", 9);
  puppet.say(...Array.from({ length: 8 }, (_, number) => answer(number)));
  for (const numTaken of [4, 8])
    await expect.poll(() => puppet.heard).toContainEqual({ type: "take", jobId, numTaken });
  puppet.say(answer(8), end(9));
  expect(await answers).toHaveLength(9);
});

test("after a loss a worker is asked again for what has not come, and a session is opened anew", async () => {
  const { puppet, queue, open, begin } = await openBoth();
  const opening = open("a-2");
  puppet.claim(await puppet.take());
  const { answers, answer, end } = await begin("r", 4);
  puppet.say(answer(0), answer(1));
  puppet.beat();
  puppet.beat({ numLosses: 1 });
  await expect(opening).rejects.toMatchObject({ code: "not_found", value: "a-2" });
  await expect.poll(() => puppet.lastJob()?.numReceived).toBe(2);
  expect(puppet.heard.filter(({ type }) => type === "job")).toHaveLength(2);
  puppet.beat(); // the same number is no new loss
  puppet.say(answer(1), answer(2), answer(3), end(4));
  expect(await answers).toEqual(["r0", "r1", "r2", "r3"]);
  expect(puppet.heard.filter(({ type }) => type === "job")).toHaveLength(2);
  expect(queue.numQueued).toBe(0);
});
