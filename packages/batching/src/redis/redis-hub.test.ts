import { startRedisServer } from "@adaedl/testing";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting, type Meeting } from "./meeting.cases.ts";
import type { RedisHub } from "./redis-hub.ts";
import { commitOf, offerOf } from "./scripted-target.cases.ts";
import { openPair } from "./session-meeting.cases.ts";

async function heardBy(hub: RedisHub, address: string): Promise<unknown[]> {
  const heard: unknown[] = [];
  await hub.listen(address, (message) => heard.push(message));
  return heard;
}

/** What Redis passes on to those who listen to an address, as it is written. */
async function overhear(meeting: Meeting, address: string): Promise<string[]> {
  const texts: string[] = [];
  const redis = meeting.connect();
  redis.on("message", (_, text) => texts.push(text));
  await redis.subscribe(`adaedl:${meeting.namespace}:${address}`);
  return texts;
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => ({ number }));

test("messages of one turn travel together and in order, to the one who listens", async () => {
  const meeting = createMeeting();
  const [sender, a, b] = await Promise.all(["s", "a", "b"].map(meeting.openHub));
  if (sender === undefined || a === undefined || b === undefined) return;
  const [heardByA, heardByB] = [await heardBy(a, "to:a"), await heardBy(b, "to:b")];
  const texts = await overhear(meeting, "to:a");
  for (const message of numbers(100)) {
    sender.send("to:a", message);
    sender.send("to:b", { ...message, isForB: true });
  }
  await expect.poll(() => heardByB.length).toBe(100);
  await expect.poll(() => texts.length).toBe(1);
  expect(heardByA).toEqual(numbers(100));
  expect(heardByB).toEqual(numbers(100).map((message) => ({ ...message, isForB: true })));
  for (const message of numbers(3)) {
    sender.send("to:a", message);
    await new Promise(setImmediate);
  }
  await expect.poll(() => texts.length).toBe(4);
  await expect.poll(() => heardByA.slice(100)).toEqual(numbers(3));
});

test("a broadcast reaches everybody, oneself too, and nobody who meets elsewhere", async () => {
  const meeting = createMeeting();
  const hubs = await Promise.all(["a", "b", "c"].map(meeting.openHub));
  const elsewhere = await heardBy(await createMeeting().openHub("a"), "all");
  const heard = await Promise.all(hubs.map((hub) => heardBy(hub, "all")));
  for (const hub of hubs) hub.broadcast("all", { from: hub.id });
  for (const each of heard) {
    await expect.poll(() => each.length).toBe(3);
    expect(each).toEqual(expect.arrayContaining([{ from: "a" }, { from: "b" }, { from: "c" }]));
  }
  expect(elsewhere).toEqual([]);
});

test("several may listen to one address of a process", async () => {
  const meeting = createMeeting();
  const [sender, hub] = [await meeting.openHub("s"), await meeting.openHub("h")];
  const heard = [await heardBy(hub, "to:h"), await heardBy(hub, "to:h")];
  sender.send("to:h", { number: 1 });
  for (const each of heard) await expect.poll(() => each).toEqual([{ number: 1 }]);
});

test("a process's own address is served without Redis", async () => {
  const redis = await startRedisServer();
  onTestFinished(() => redis.close());
  const meeting = createMeeting(redis.url);
  const hub = await meeting.openHub("h");
  const heard = await heardBy(hub, "to:h");
  const texts = await overhear(meeting, "to:h");
  hub.send("to:h", { number: 0 });
  hub.broadcast("to:h", { number: 1 }); // by way of Redis
  await expect.poll(() => texts).toEqual(['[{"number":1}]']);
  await expect.poll(() => heard).toEqual(numbers(2));
  await redis.kill();
  await expect.poll(() => hub.isUp).toBe(false);
  heard.length = 0;
  for (const message of numbers(20)) hub.send("to:h", message);
  expect(heard).toEqual([]); // never in the middle of the caller's turn
  await expect.poll(() => heard).toEqual(numbers(20));
});

/** What nobody who keeps to the rules would publish. */
const deep = "[".repeat(50_000) + "]".repeat(50_000);
const junk = [
  ...["", " ", "null", "7", '"text"', "true", "{}", "[", "{", "undefined", "\u0000", "[]"],
  ...["[null]", "[1,[2],{}]", '["close"]', deep, `{"a":${deep}}`, `[{"type":${deep}}]`],
  '[{"type":"envelope"}]',
  '[{"type":"envelope","channelId":1,"ingressId":"i","envelope":{"ack":0}}]',
  '[{"type":"close","channelId":""},{"type":"envelope","channelId":"c","envelope":{"ack":-1}}]',
  '[{"type":"close","channelId":"nobody"},{"type":"__proto__"},{"__proto__":{"type":"close"}}]',
  `[{"type":"gone","channelId":"c","workerId":${JSON.stringify("w".repeat(201))}}]`,
  '[{"type":"gone","channelId":"c","workerId":"w","failure":{"code":"no such code","message":""}}]',
  '[{"type":"envelope","channelId":"c","workerId":"w","envelope":{"ack":0,"item":{"number":0.5}}}]',
  '[{"id":"x","numLosses":1e999,"kind":"case","facts":null,"numSessions":0,"numPlaces":1}]',
  `[{"id":"x","numLosses":"0","kind":"case","facts":${deep}}]`,
];

test("junk in any channel harms nobody", async () => {
  const { meeting, worker, hub, sessions, open } = await openPair();
  const heard = await heardBy(hub, "to:anybody");
  const redis = meeting.connect();
  const session = await open("a-1");
  const roles = ["worker:w", "ingress:i", "workers", "ingresses"];
  for (const address of [...roles, "pulse:w", "pulse:i", "to:anybody"])
    for (const text of junk) await redis.publish(`adaedl:${meeting.namespace}:${address}`, text);
  await redis.publish(`adaedl:${meeting.namespace}:to:anybody`, '[{"number":1}]');
  await expect.poll(() => heard.at(-1)).toEqual({ number: 1 });
  session.offer(offerOf(3));
  expect(await session.next()).toEqual(commitOf(3));
  await open("a-2");
  expect([...sessions.workers.keys()]).toEqual(["w"]);
  for (const { isUp, numLosses } of [worker.hub, hub])
    expect({ isUp, numLosses }).toEqual({ isUp: true, numLosses: 0 });
  expect(worker.target.sessions).toEqual(new Set(["a-1", "a-2"]));
});
