import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { openPuppetWorker } from "./puppets.cases.ts";

const sentAway = (jobId: string, sessionId: string) => [
  { type: "cancel", jobId },
  { type: "release", sessionId },
];

test("who claims a session that another has is sent away, and releases it there", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const { hub, open, ask } = await meeting.openIngress("i");
  const late = await openPuppetWorker(meeting, "x");
  const heard: unknown[] = [];
  await hub.listen("ingress:i", (message) => heard.push(message));

  worker.hold();
  const opening = open("a-1");
  await expect.poll(() => worker.sessions).toEqual(new Set(["a-1"]));
  const [claim] = heard;
  expect(claim).toMatchObject({ type: "claim", sessionId: "a-1", workerId: "w" });
  const jobId = (claim as { jobId: string }).jobId;
  late.say({ ...(claim as object), workerId: "x" });
  await expect.poll(() => late.heard).toEqual(sentAway(jobId, "a-1"));

  late.say(claim as object); // once more what counts already
  worker.release();
  expect(await opening).toEqual(["a-10"]);
  late.say({ ...(claim as object), workerId: "x" }); // the job has ended
  await expect.poll(() => late.heard.slice(2)).toEqual(sentAway(jobId, "a-1"));
  expect(await ask("a-1", "round")).toEqual(["round0"]);
  expect(worker.sessions).toEqual(new Set(["a-1"]));
});

test("who claims what was given up, a round, or what never was is sent away", async () => {
  const meeting = createMeeting();
  const puppet = await openPuppetWorker(meeting, "x");
  const { queue, open, ask } = await meeting.openIngress("i");
  const controller = new AbortController();
  const aborted = open("a-1", controller.signal);
  const taken = await puppet.take();
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
  queue.release("a-1");
  puppet.claim(taken);
  await expect.poll(() => puppet.heard).toEqual(sentAway(taken.jobId, "a-1"));

  const opening = open("a-2");
  await puppet.open();
  await opening;
  const answers = ask("a-2", "round");
  await expect.poll(() => puppet.lastJob()?.sessionId).toBe("a-2");
  const jobId = puppet.lastJob()?.jobId ?? "";
  const late = await openPuppetWorker(meeting, "y");
  for (const claimed of [jobId, "nobody"]) {
    late.heard.length = 0;
    late.claim({ jobId: claimed, sessionId: "a-2" });
    await expect.poll(() => late.heard).toEqual(sentAway(claimed, "a-2"));
  }
  puppet.say({ type: "answer", jobId, number: 0, answer: "round0" });
  puppet.say({ type: "end", jobId, numAnswers: 1 });
  expect(await answers).toEqual(["round0"]);
});

test("a worker that claims and is never heard again is lost, and its session with it", async () => {
  const meeting = createMeeting();
  const worker = await openPuppetWorker(meeting, "x");
  const { queue, open } = await meeting.openIngress("i");
  const dying = await openPuppetWorker(meeting, "y", { isSilent: true });
  const opening = open("a-1");
  dying.claim(await dying.take());
  const startedAt = performance.now();
  await expect(opening).rejects.toMatchObject({ code: "not_found", value: "a-1" });
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect([...queue.workers.keys()]).toEqual([worker.hub.id]);
});
