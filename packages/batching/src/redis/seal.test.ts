import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createMeeting, kind } from "./meeting.cases.ts";
import { decodeFailure, failure } from "./messages.ts";
import { openPlacementQueue, openPlacementSource } from "./placement-queue.ts";
import { readPublication } from "./publications.ts";
import { openRedisHub } from "./redis-hub.ts";
import { createSeal, readSecrets } from "./seal.ts";

const [own, next, other] = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [
  string,
  string,
  string,
];

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-seal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "secrets"), text);
  return join(folder, "secrets");
}

test("opens what was sealed for this place with one of its secrets, and nothing else", () => {
  const seal = createSeal([own, next]);
  const sealed = seal.seal("place", "tëxt");
  expect(seal.open("place", sealed)).toBe("tëxt");
  expect(createSeal([next, own]).open("place", sealed)).toBe("tëxt");
  expect(createSeal([other]).open("place", sealed)).toBeUndefined();
  for (const wrong of ["", "tëxt", sealed.slice(1), `${sealed}x`, `ä${sealed.slice(1)}`])
    expect(seal.open("place", wrong)).toBeUndefined();
  expect(seal.open("elsewhere", sealed)).toBeUndefined();
  expect(createSeal([]).open("place", "anything")).toBe("anything");
});

test.each([
  ["", "must hold 1 to 4 lines"],
  [`${own}\n`.repeat(5), "must hold 1 to 4 lines"],
  [`${own}\nshort\n`, "must hold secrets of at least 32 characters"],
])("a file of secrets that holds %j is refused, without a secret in the message", (text, rule) => {
  const file = fileOf(text);
  expect(() => readSecrets(file)).toThrow(
    expect.objectContaining({ code: "invalid_argument", field: "redisSecretFile", value: file }),
  );
  expect(() => readSecrets(file)).toThrow(rule);
  expect(() => readSecrets(`${file}.gone`)).toThrow("cannot be read: ENOENT");
});

test("a publication that is too large, has too many messages, or is no array is none", () => {
  const read = (text: string) => readPublication(createSeal([]), "c", Buffer.from(text));
  expect(read("[1,2]")).toEqual([1, 2]);
  for (const junk of [`["${"x".repeat(600_000)}"]`, `[${"0,".repeat(256)}0]`, "{}", "["])
    expect(read(junk)).toBeUndefined();
});

test("hubs of one secret hear each other, also while it is replaced, and nobody else", async () => {
  const meeting = createMeeting();
  const open = async (id: string, secrets: string) => {
    const { namespace, url } = meeting;
    const hub = await openRedisHub({ url, namespace, id, secretFile: fileOf(secrets) });
    onTestFinished(() => hub.close());
    return hub;
  };
  const receiver = await open("a", `${own}\n${next}\n`);
  const heard: unknown[] = [];
  await receiver.listen("to:a", (message) => heard.push(message));
  const unsigned = await meeting.openHub("x");
  unsigned.broadcast("to:a", { from: "unsigned" });
  (await open("y", other)).broadcast("to:a", { from: "other" });
  await (await open("b", own)).connection.ping(); // what was published before has arrived in Redis
  (await open("c", `${next}\n${own}`)).broadcast("to:a", { from: "next" });
  await expect.poll(() => heard).toEqual([{ from: "next" }]);
});

test("a failure asks to wait for a minute at most, whatever was sent", () => {
  const sent = { code: "resource_exhausted", message: "full", retryAfterMs: 1e12 };
  expect(decodeFailure(failure.parse(sent)).retryAfterMs).toBe(60_000);
});

test("whose session waits is signed, for its own job alone", async () => {
  const meeting = createMeeting();
  const hub = await openRedisHub({ ...meeting, id: "i", secretFile: fileOf(own) });
  const queue = openPlacementQueue(hub, kind);
  const source = openPlacementSource(hub, kind, () => {});
  onTestFinished(async () => {
    await Promise.all([queue.close(), source.close()]);
    await hub.close();
  });
  const add = (client: string) =>
    queue.add({ channelId: client, ingressId: "i", start: "" }, client, 1, 10);
  const [first, second] = [await add("alice"), await add("bob")];
  expect(await source.nextClient()).toEqual({ client: "alice" });
  const redis = meeting.connect();
  const keyOf = (jobId: string) => `{adaedl-${meeting.namespace}}:sessions-${kind}:${jobId}`;
  const nameOfBob = (await redis.hget(keyOf(second), "name")) as string;
  for (const forged of ["carol", nameOfBob]) {
    await redis.hset(keyOf(first), "name", forged);
    expect(await source.nextClient()).toBe("refused");
  }
});
