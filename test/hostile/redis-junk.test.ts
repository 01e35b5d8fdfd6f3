import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, type RedisProcess, startRedisServer } from "@adaedl/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { generateAt } from "../network/start-services.ts";

// Whoever reaches Redis publishes and adds what he likes, while texts are written over an ingress and a worker.

const namespace = randomUUID();
let redis: RedisProcess;
let attacker: Redis;
const services: ServiceProcess[] = [];
let draft: ServiceProcess;
let expected: readonly number[];
const request = {
  prompt: { type: "text", text: "Once upon a time" },
  maxTokens: 24,
  seed: 5,
} as const;

async function start(name: string, ...args: string[]): Promise<ServiceProcess> {
  const listen = `127.0.0.1:${await findFreePort()}`;
  const service = await startServiceProcess([name, "--listen", listen, "--threads", "1", ...args]);
  services.push(service);
  return service;
}

beforeAll(async () => {
  redis = await startRedisServer();
  attacker = new Redis(redis.url);
  const meeting = ["--redis-url", redis.url, "--redis-namespace", namespace];
  const [ingress] = await Promise.all([
    start("verifier", "--role", "ingress", ...meeting),
    start("verifier", "--role", "worker", ...meeting),
  ]);
  draft = await start("draft", "--verifier", ingress.ready.address);
  expected = (await generateAt(draft.ready.address, request)).tokenIds;
}, 120_000);
afterAll(async () => {
  attacker?.disconnect();
  for (const service of services) await service.kill();
  await redis?.close();
});

/** Channels of the ingress and the worker, as anybody can list them. */
const listChannels = async () =>
  (await attacker.pubsub("CHANNELS", `adaedl:${namespace}:*`)) as string[];

async function publishEverywhere(text: string, count: number): Promise<void> {
  for (const channel of await listChannels())
    for (let sent = 0; sent < count; sent += 100) {
      const pipeline = attacker.pipeline();
      for (let index = 0; index < Math.min(100, count - sent); index++)
        pipeline.publish(channel, text);
      await pipeline.exec();
    }
}

/** Without a priority: they come before all that ingresses add. */
async function addJobs(count: number, data: string): Promise<void> {
  const keys = await attacker.keys(`{adaedl-${namespace}}:sessions-*:meta`);
  const events = await attacker.keys(`{adaedl-${namespace}}:sessions-*:events`);
  const queue = [...keys, ...events][0]?.replace(/:\w+$/, "");
  if (queue === undefined) throw new Error("there is no queue");
  for (let added = 0; added < count; added += 1_000) {
    const pipeline = attacker.pipeline();
    const ids = Array.from({ length: 1_000 }, (_, index) => `forged-${added + index}`);
    for (const id of ids)
      pipeline.hset(`${queue}:${id}`, { name: "x", opts: "{}", timestamp: 1, data });
    await pipeline.lpush(`${queue}:wait`, ...ids).exec();
  }
}

/** Scripts that Redis has run so far: a worker needs several for each job that it takes. */
async function numScripts(): Promise<number> {
  const statistics = await attacker.info("commandstats");
  const calls = [...statistics.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
  return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}

const forgedSession = JSON.stringify('{"channelId":"c","ingressId":"i"}\n{}\n');
const attacks: Readonly<Record<string, () => Promise<void>>> = {
  "small junk, thousands of times": () => publishEverywhere("[{}]", 5_000),
  "60 MB of large junk": async () => {
    const large = JSON.stringify([{ junk: "x".repeat(500_000) }]);
    const channels = await listChannels();
    await publishEverywhere(large, Math.ceil(120 / channels.length));
  },
  "junk of 4 MB, which is not looked at": () => publishEverywhere("[".repeat(4 << 20), 2),
  "20 000 jobs that are no sessions": () => addJobs(20_000, '"forged"'),
  "20 000 jobs that look like sessions": () => addJobs(20_000, forgedSession),
};

test.each(Object.entries(attacks))(
  "%s: texts are written meanwhile, and afterwards",
  async (_, attack) => {
    const before = await numScripts();
    const texts = await Promise.all([
      generateAt(draft.ready.address, request),
      attack().then(() => generateAt(draft.ready.address, request)),
    ]);
    // A session that waits while the queue is emptied is put there again.
    for (const { tokenIds } of texts) expect(tokenIds).toEqual(expected);
    // One by one, 20 000 jobs would keep sessions waiting for half a minute.
    expect((await numScripts()) - before).toBeLessThan(10_000);
    for (const { pid } of services) expect(() => process.kill(pid, 0)).not.toThrow();
  },
  35_000,
);

test("a worker without the secret of the others takes no session, and gets no message", async () => {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-redis-secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "secret");
  writeFileSync(file, randomUUID());
  const secret = ["--redis-secret-file", file];
  const meeting = ["--redis-url", redis.url, "--redis-namespace", randomUUID()];
  const impostor = await start("verifier", "--role", "worker", ...meeting);
  const [ingress] = await Promise.all([
    start("verifier", "--role", "ingress", ...meeting, ...secret),
    start("verifier", "--role", "worker", ...meeting, ...secret),
  ]);
  const honest = await start("draft", "--verifier", ingress.ready.address);
  expect((await generateAt(honest.ready.address, request)).tokenIds).toEqual(expected);
  const found = ingress.lines.filter((line) => line.includes("worker found"));
  expect(found).toHaveLength(1);
  expect(() => process.kill(impostor.pid, 0)).not.toThrow();
}, 60_000);
