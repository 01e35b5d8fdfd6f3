import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { openPuppetIngress } from "./puppets.cases.ts";

/** Five seconds, and slack for a busy machine. */
const lease = { timeout: 9_000 };

test("an ingress that vanishes without a word has its sessions and jobs ended, and no other has", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const unheard = await openPuppetIngress(meeting, "p", { isSilent: true });
  await unheard.seek("p-1"); // it died while the session waited
  const vanishing = await meeting.openIngress("v");
  const other = await meeting.openIngress("i");
  await vanishing.open("v-1");
  await other.open("a-1");
  // One whose answers nobody takes any more, one that waits for them.
  const answers = vanishing.queue.submit({
    ...{ name: "r", numAnswers: 100, sessionId: "v-1", opens: false },
  });
  expect(await answers.next()).toEqual({ done: false, value: "r0" });
  const running = other.queue.submit({
    ...{ name: "o", numAnswers: 20, sessionId: "a-1", opens: false },
  });
  expect(await running.next()).toEqual({ done: false, value: "o0" });
  await vanishing.hub.close();
  await expect.poll(() => worker.sessions, lease).toEqual(new Set(["a-1"]));
  await expect.poll(() => worker.running.numQueued).toBe(1);
  let numAnswers = 1;
  for await (const _ of running) numAnswers++;
  expect(numAnswers).toBe(20);
  expect(worker.diary.filter((entry) => entry.startsWith("release"))).toHaveLength(2);
});

test("an ingress that leaves has its sessions ended at once", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w");
  const leaving = await openPuppetIngress(meeting, "p");
  await leaving.seek("a-1");
  await expect.poll(() => worker.sessions.size).toBe(1);
  leaving.leave();
  await expect.poll(() => worker.sessions.size).toBe(0);
});

test("a session that nobody asks for is forgotten, one that is asked for is not", async () => {
  const meeting = createMeeting();
  const worker = await meeting.openWorker("w", { forgetAfterMs: 1_000 });
  const { open, ask } = await meeting.openIngress("i");
  await open("a-1");
  await open("a-2");
  const askNow = () => ask("a-1", "r").then(() => [...worker.sessions]);
  await expect.poll(askNow, { timeout: 4_000, interval: 200 }).toEqual(["a-1"]);
  await expect(ask("a-2", "r")).rejects.toMatchObject({ code: "not_found" });
  for (let turn = 0; turn < 8; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await ask("a-1", "r")).toEqual(["r0"]);
  }
});
