import { expect, test } from "vitest";
import { createMeeting } from "./meeting.cases.ts";
import { commitOf, offerOf } from "./scripted-target.cases.ts";
import {
  openCaseIngress,
  openCaseWorker,
  openPair,
  openPuppetSessionIngress,
  openPuppetSessionWorker,
  reading,
} from "./session-meeting.cases.ts";

const message = (value: unknown) => ({ type: "message", text: JSON.stringify(value) });
const offer = (firstId: number) => JSON.stringify({ type: "offer", offer: offerOf(firstId) });

/** An ingress "i" whose session "a-1" is at the worker "x", whose messages the test sends. */
async function openAtPuppet() {
  const meeting = createMeeting();
  const puppet = await openPuppetSessionWorker(meeting);
  const { sessions } = await openCaseIngress(meeting, "i");
  const session = reading(sessions.open({ sessionId: "a-1" }));
  const { channelId } = await puppet.take();
  const say = (ack: number, number?: number, body?: object) =>
    puppet.say(puppet.envelope(channelId, ack, number, body));
  say(0);
  /** Numbers of messages that the worker got on the channel. */
  const numbers = () =>
    puppet.heard.flatMap((each) => (each.type === "envelope" ? [each.envelope.item?.number] : []));
  return { meeting, puppet, sessions, session, channelId, say, numbers };
}

/** A worker "w" that has a session of the ingress "p", whose messages the test sends. */
async function openFromPuppet() {
  const meeting = createMeeting();
  const worker = await openCaseWorker(meeting, "w");
  const puppet = await openPuppetSessionIngress(meeting);
  puppet.beat();
  const channelId = await puppet.seek({ sessionId: "p-1" });
  const opened = message({ type: "opened", queueMs: 0, verifyMs: 1, numForwards: 1 });
  await expect.poll(() => puppet.bodiesOf(channelId)).toEqual([opened]);
  const say = (ack: number, number?: number, body?: unknown) =>
    puppet.say(puppet.envelope(channelId, ack, number, body));
  return { worker, puppet, channelId, opened, say };
}

test("a worker that claims a session which another has, or nobody, is sent away", async () => {
  const { meeting, worker, sessions, open } = await openPair();
  const late = await openPuppetSessionWorker(meeting, true);
  const channelIds: string[] = [];
  await late.hub.listen("ingress:i", (each) =>
    channelIds.push((each as { channelId: string }).channelId),
  );
  const session = await open("a-1");
  await expect.poll(() => channelIds.length).toBeGreaterThan(0); // heard here a moment later
  const [channelId = ""] = channelIds;
  const closed = { type: "close", channelId };
  late.say(late.envelope(channelId, 0), late.envelope(channelId, 0, 0, message(commitOf(8))));
  late.say({ type: "gone", channelId, workerId: "x" }, late.envelope("nobody", 0));
  await expect
    .poll(() => late.heard)
    .toEqual([closed, closed, { type: "close", channelId: "nobody" }]);
  session.offer(offerOf(3));
  expect(await session.next()).toEqual(commitOf(3));
  session.close();
  late.heard.length = 0;
  late.say(late.envelope(channelId, 0)); // the session is over
  await expect.poll(() => late.heard).toEqual([closed]);
  expect([sessions.numSessions, worker.running.numSessions]).toEqual([0, 0]);
});

test("doubles count once, what comes after a missing message waits for it, and invalid ones are ignored", async () => {
  const { puppet, session, channelId, say } = await openAtPuppet();
  const good = puppet.envelope(channelId, 0, 0, message(commitOf(1)));
  for (const invalid of [
    ...[null, 7, [], {}, { ...good, channelId: "" }, { ...good, workerId: 1 }],
    puppet.envelope(channelId, -1),
    puppet.envelope(channelId, 0, 0.5, message(1)),
    puppet.envelope(channelId, 0, 0, { type: "message", text: 1 }),
    puppet.envelope(channelId, 0, 0, { type: "failure", failure: { code: "unknown" } }),
    { type: "gone", channelId, workerId: "x", failure: 1 },
  ])
    puppet.hub.broadcast("ingress:i", invalid as object);
  for (const number of [0, 0, 2, 1, 2, 1]) say(0, number, message(commitOf(number)));
  say(0, 3, { type: "end" });
  expect(await session.rest()).toEqual([0, 1, 2]);
});

test("a message that stays missing ends the session with `aborted`, at either end", async () => {
  const [atPuppet, fromPuppet] = [await openAtPuppet(), await openFromPuppet()];
  atPuppet.say(0, 1, message(commitOf(1)));
  fromPuppet.say(1, 1, offer(1));
  await expect(atPuppet.session.next()).rejects.toMatchObject({
    code: "aborted",
    message: "the channel to the worker broke: message 0 was lost",
  });
  const { channelId } = atPuppet;
  await expect.poll(() => atPuppet.puppet.heard).toContainEqual({ type: "close", channelId });
  const failure = {
    code: "aborted",
    message: "the channel to the ingress broke: message 0 was lost",
  };
  await expect
    .poll(() => fromPuppet.puppet.heard)
    .toContainEqual({
      ...{ type: "gone", channelId: fromPuppet.channelId, workerId: "w" },
      failure,
    });
  expect(fromPuppet.worker.target.diary).toEqual(["open p-1", "close p-1"]);
});

test("an acknowledgement of what was not sent breaks one session only", async () => {
  const { puppet, sessions, session, say } = await openAtPuppet();
  const other = reading(sessions.open({ sessionId: "a-2" }));
  const { channelId } = await puppet.take();
  say(7);
  await expect(session.next()).rejects.toMatchObject({ code: "aborted" });
  puppet.say(puppet.envelope(channelId, 0, 0, message(commitOf(4))));
  expect(await other.next()).toEqual(commitOf(4));
});

test("after a loss a worker gets again what it did not acknowledge", async () => {
  const { puppet, session, numbers, say } = await openAtPuppet();
  for (const firstId of [1, 2, 3]) session.offer(offerOf(firstId));
  await expect.poll(() => numbers().slice(-3)).toEqual([0, 1, 2]);
  say(1, 0, message(commitOf(1)));
  await session.next();
  puppet.heard.length = 0;
  puppet.loseMessages();
  await expect.poll(numbers).toEqual([1, 2]);
  say(3);
  puppet.loseMessages(); // nothing is left but the acknowledgement
  await expect.poll(() => numbers().slice(2)).toContain(undefined);
});

test("a session that its worker does not have any more is not found", async () => {
  const { puppet, session, channelId } = await openAtPuppet();
  puppet.say({ type: "gone", channelId, workerId: "x" });
  await expect(session.next()).rejects.toMatchObject({
    code: "not_found",
    message: "the worker of session a-1 is gone: send its prefix",
    value: "a-1",
  });
});

test("a worker sends everything again to an ingress that had losses, which closes what it has not", async () => {
  const { worker, puppet, channelId, opened, say } = await openFromPuppet();
  say(0, 0, offer(5));
  await expect.poll(() => puppet.bodiesOf(channelId)).toEqual([opened, message(commitOf(5))]);
  puppet.beat({ numLosses: 1 });
  await expect
    .poll(() => puppet.bodiesOf(channelId).slice(2))
    .toEqual([...[opened, message(commitOf(5))]]);
  puppet.say({ type: "close", channelId }, { type: "close", channelId: "nobody" });
  await expect.poll(() => worker.running.numSessions).toBe(0);
  say(1, 1, offer(6)); // was on its way
  await expect.poll(() => puppet.heard.at(-1)).toEqual({ type: "gone", channelId, workerId: "w" });
  expect(worker.target.diary).toEqual(["open p-1", "offer p-1 5", "close p-1"]);
});

test("a session that cannot be opened fails, and is nowhere when the ingress has closed it", async () => {
  const { worker, puppet } = await openFromPuppet();
  for (const start of [null, 7, {}]) {
    const channelId = await puppet.seek(start);
    const failure = { code: "invalid_argument", message: "sessionId must be there" };
    await expect.poll(() => puppet.bodiesOf(channelId)[0]).toEqual({ type: "failure", failure });
    puppet.say({ type: "close", channelId });
    await expect.poll(() => worker.running.numSessions).toBe(1);
  }
});
