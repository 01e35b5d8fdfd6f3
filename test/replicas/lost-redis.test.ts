import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "@adaedl/bench";
import { AdaedlError } from "@adaedl/core";
import type { RunningDraftService } from "@adaedl/draft-service";
import { openVerificationClient, type VerificationClient } from "@adaedl/protocol";
import {
  type RedisProcess,
  type RedisServerOptions,
  redisCli,
  startRedisSentinel,
  startRedisServer,
} from "@adaedl/testing";
import { afterEach, expect, test } from "vitest";
import { undisturbedTexts } from "../faults/disturbed.ts";
import { openFor } from "../network/open-for.ts";
import { startTestDraftService, startTestReplicas } from "../network/start-services.ts";
import { startLoad } from "./load.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Serving {
  readonly draft: RunningDraftService;
  /** Asks the ingress itself, which does not try again. */
  readonly client: VerificationClient;
}

async function serveOver(redisUrl: string): Promise<Serving> {
  const { address, close } = await startTestReplicas({ url: redisUrl });
  closers.push(close);
  const draft = await startTestDraftService([address], {
    timeouts: { openMs: 5_000, roundMs: 5_000, giveUpMs: 40_000 },
  });
  closers.push(() => draft.close());
  const client = openVerificationClient({ address });
  closers.push(async () => client.close());
  return { draft, client };
}

async function ownRedis(options: RedisServerOptions = {}): Promise<RedisProcess> {
  const redis = await startRedisServer(options);
  closers.push(() => redis.close());
  return redis;
}

/** Opens a session and asks for a token. @returns what it failed with, and how long that took */
async function tryOnce(client: VerificationClient) {
  const startedAt = performance.now();
  let error: AdaedlError | undefined;
  try {
    const stream = await openStream(client);
    await stream.ask();
    stream.close();
  } catch (thrown) {
    error = AdaedlError.from(thrown);
  }
  return { error, tookMs: performance.now() - startedAt };
}

/** A session that is asked for one token after the other. */
async function openStream(client: VerificationClient) {
  const prompt = [1, 2, 3];
  const stream = client.openStream(openFor(await client.describe(2_000), prompt));
  const next = async () => {
    let message = await stream.receive();
    while (message?.type === "progress") message = await stream.receive();
    return message;
  };
  expect(await next()).toMatchObject({ type: "opened" });
  let { length } = prompt;
  return {
    async ask(): Promise<void> {
      stream.send({ type: "offer", offer: { firstId: 1, nodes: [], credit: length + 1 } });
      expect(await next()).toMatchObject({ type: "commit", commit: { position: length++ } });
    },
    close: () => stream.close(),
  };
}

/** How long it takes until sessions are served again. */
async function timeToRecover(client: VerificationClient): Promise<number> {
  const startedAt = performance.now();
  while ((await tryOnce(client)).error !== undefined) await sleep(50);
  return performance.now() - startedAt;
}

test.each([
  ["that comes back empty", {}],
  ["with an append-only file", { appendOnly: true }],
])(
  "a Redis %s: what is new is refused at once, all goes on when it is back",
  {
    timeout: 300_000,
  },
  async (_, options) => {
    const redis = await ownRedis(options);
    const { draft, client } = await serveOver(redis.url);
    const recoveries: number[] = [];
    for (let round = 0; round < 3; round++) {
      const load = startLoad([draft.address], await undisturbedTexts(), 6);
      await load.begun;
      await sleep(300 + 200 * round);
      await redis.kill();
      await sleep(100);
      for (let attempt = 0; attempt < 3; attempt++) {
        const { error, tookMs } = await tryOnce(client);
        expect(error).toMatchObject({ code: "unavailable" });
        expect(tookMs).toBeLessThan(1_500); // 0.5 s, and slack for a busy machine
        await sleep(300);
      }
      await redis.start();
      recoveries.push(await timeToRecover(client));
      const { numTexts } = await load.stop();
      expect(numTexts).toBeGreaterThanOrEqual(6);
    }
    console.info(`served again after ${recoveries.map((ms) => ms.toFixed(0)).join(", ")} ms`);
    expect(Math.max(...recoveries)).toBeLessThan(5_000);
  },
);

test("a Redis that hangs is a Redis that is away", { timeout: 300_000 }, async () => {
  const redis = await ownRedis();
  const { draft, client } = await serveOver(redis.url);
  const load = startLoad([draft.address], await undisturbedTexts(), 4);
  await load.begun;
  await sleep(300);
  redis.signal("SIGSTOP");
  const first = await tryOnce(client);
  expect(first.error).toMatchObject({ code: "unavailable" });
  expect(first.tookMs).toBeLessThan(1_500);
  await sleep(3_000);
  redis.signal("SIGCONT");
  expect(await timeToRecover(client)).toBeLessThan(5_000);
  await load.stop();
});

test("a stream that has nothing under way outlives Redis, and goes on at its worker", {
  timeout: 300_000,
}, async () => {
  const redis = await ownRedis();
  const { client } = await serveOver(redis.url);
  const running = await openStream(client);
  await running.ask();
  await redis.kill();
  await sleep(1_500);
  await redis.start();
  await timeToRecover(client);
  await running.ask();
  await running.ask();
  running.close();
});

test("a Redis at its memory limit takes no new sessions, says so, and those that run go on", {
  timeout: 300_000,
}, async () => {
  const redis = await ownRedis({
    args: ["--maxmemory", "8mb", "--maxmemory-policy", "noeviction"],
  });
  const { client } = await serveOver(redis.url);
  const running = await openStream(client);
  await running.ask();
  await fill(redis);
  expect((await tryOnce(client)).error).toMatchObject({
    code: "resource_exhausted",
    message: expect.stringMatching(/^Redis takes no new sessions: .*OOM/),
  });
  for (let round = 0; round < 20; round++) await running.ask();
  await sleep(1_500); // longer than a lease: beats are heard as well
  await running.ask();
  running.close();
  await redisCli(redis.port, "flushall");
  expect(await timeToRecover(client)).toBeLessThan(5_000);
});

test("a failover that loses the last second of writes costs time and no token", {
  timeout: 300_000,
}, async () => {
  const redis = await startRedisSentinel(1);
  closers.push(() => redis.close());
  const { draft, client } = await serveOver(redis.url);
  const load = startLoad([draft.address], await undisturbedTexts(), 6);
  await load.begun;
  redis.replica.signal("SIGSTOP"); // what is written from now on it never gets
  await sleep(1_000);
  await redis.master.kill();
  redis.replica.signal("SIGCONT");
  const recoveredMs = await timeToRecover(client);
  expect(await redis.currentMaster()).toBe(redis.replica);
  const { numTexts, pausesMs } = await load.stop();
  console.info(
    `served again ${recoveredMs.toFixed(0)} ms after the master was killed; longest pause ${quantile(pausesMs, 1).toFixed(0)} ms`,
  );
  expect(numTexts).toBeGreaterThanOrEqual(6);
  expect(recoveredMs).toBeLessThan(15_000); // some two of them are the sentinel's
});

/** Writes until nothing more is taken. */
async function fill(redis: RedisProcess): Promise<void> {
  for (let index = 0; ; index++) {
    const reply = await redisCli(redis.port, "setrange", `filler-${index}`, "200000", "x");
    if (reply.join().includes("OOM")) return;
    if (index > 1_000) throw new Error("Redis takes everything");
  }
}
