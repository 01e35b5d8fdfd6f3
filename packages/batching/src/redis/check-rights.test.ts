import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { startRedisServer } from "@adaedl/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { scriptedCommands } from "./check-rights.ts";
import { rightsOf } from "./redis-error.ts";
import { openRedisHub, type RedisHub } from "./redis-hub.ts";

let redis: Awaited<ReturnType<typeof startRedisServer>>;
let admin: Redis;
beforeAll(async () => {
  redis = await startRedisServer();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin?.disconnect();
  await redis?.close();
});

const namespace = "rights";
const setUser = (name: string, rules: string) =>
  admin.call("ACL", "SETUSER", name, "reset", "on", ">pw", ...rules.split(" "));

async function openAs(
  name: string,
  onDenied?: (error: Error) => void,
  signal = AbortSignal.timeout(10_000),
): Promise<RedisHub> {
  const url = redis.url.replace("//", `//${name}:pw@`);
  const options = { url, namespace, id: randomUUID(), ...(onDenied && { onDenied }) };
  const hub = await openRedisHub(options, signal);
  onTestFinished(() => hub.close());
  return hub;
}

test("the rights that are documented are enough, and nothing is left behind", async () => {
  await setUser("enough", rightsOf(namespace));
  expect((await openAs("enough")).isUp).toBe(true);
  expect(await admin.keys("*")).toEqual([]);
});

test("without INFO everything works", async () => {
  const printed = vi.spyOn(console, "warn").mockReturnValue(); // ioredis, of its ready check
  onTestFinished(() => printed.mockRestore());
  await setUser("uninformed", `${rightsOf(namespace)} -info`);
  expect((await openAs("uninformed")).isUp).toBe(true);
});

test.each([
  ["-evalsha", "EVALSHA {adaedl-rights}:rights:"],
  ["-@scripting", "EVALSHA {adaedl-rights}:rights:"],
  ["-publish", "PUBLISH adaedl:rights:workers"],
  ["-subscribe", "SUBSCRIBE adaedl:rights:pulse:"],
  ["-bzpopmin", "BZPOPMIN {adaedl-rights}:rights:"],
  ["-xadd -zadd", "XADD, ZADD on {adaedl-rights}:rights:"],
  ["resetkeys ~verifier*", "EVALSHA {adaedl-rights}:rights:"],
  ["resetchannels", "SUBSCRIBE adaedl:rights:pulse:"],
  ["resetchannels &adaedl:rights:pulse*", "PUBLISH adaedl:rights:workers"],
])("a user with %s is refused at start, by what it may not run", async (rule, command) => {
  await setUser("poor", `${rightsOf(namespace)} ${rule}`);
  const error = await openAs("poor").catch((error) => error);
  expect(error).toMatchObject({ code: "internal", field: "redisUrl" });
  expect(error.message).toContain(`the Redis user poor may not run ${command}`);
  expect(error.message).toContain(`; it needs ${rightsOf(namespace)}`);
  expect(error.message).not.toMatch(/cannot be reached|\n/);
});

test("rights that are taken away later are no outage, and reported once in a while", async () => {
  await setUser("demoted", rightsOf(namespace));
  const reported: string[] = [];
  const hub = await openAs("demoted", ({ message }) => reported.push(message));
  const { openPlacementQueue, openPlacementSource } = await import("./placement-queue.ts");
  const queue = openPlacementQueue(hub, "case");
  const source = openPlacementSource(hub, "case", () => {});
  onTestFinished(() => Promise.all([queue.close(), source.close()]).then(() => {}));
  await admin.call("ACL", "SETUSER", "demoted", "-@scripting");
  const job = { channelId: "c", ingressId: "i", start: "" };
  // Clients see it: nothing of Redis' own.
  const message = "the verifier's Redis user lacks rights: see its log";
  const denied = { code: "internal", message };
  await expect(queue.add(job, "client", 1, 1)).rejects.toMatchObject(denied);
  await expect(source.take(false)).rejects.toMatchObject(denied);
  expect(reported).toEqual([
    expect.stringMatching(/user demoted may not run EVAL(SHA)? \{adaedl-rights\}.*NOPERM/),
  ]);
});

test("what the scripts of BullMQ run is what is tried", () => {
  const scripts = createRequire(import.meta.url)("bullmq/dist/cjs/scripts/index.js") as Record<
    string,
    { readonly name: string; readonly content: string }
  >;
  const used = Object.values(scripts).filter(({ name }) =>
    [
      ...["addPrioritizedJob", "addStandardJob", "getCounts", "getState", "getStateV2"],
      ...["removeJob", "moveToActive", "moveToFinished", "moveStalledJobsToWait"],
    ].includes(name),
  );
  expect(used).toHaveLength(9);
  const run = used.flatMap(({ content }) =>
    [...content.matchAll(/\b(?:rcall|redis\.p?call)\(\s*["'](\w+)["']/g)].map(([, name = ""]) =>
      name.toLowerCase(),
    ),
  );
  // RPUSH comes by a variable, RPOPLPUSH takes two keys.
  const tried = [...scriptedCommands.map(([name]) => name), "rpoplpush"];
  expect([...new Set([...run, "rpush"])].sort()).toEqual(tried.sort());
});
