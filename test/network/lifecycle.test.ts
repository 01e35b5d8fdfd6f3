import { setTimeout as sleep } from "node:timers/promises";
import type { RunningDraftService } from "@adaedl/draft-service";
import {
  type GenerateRequest,
  openGenerationClient,
  openVerificationClient,
  type VerificationStream,
} from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFor } from "./open-for.ts";
import { generateAt, startTestDraftService, startTestVerifier } from "./start-services.ts";

let verifier: RunningVerifier;
let draft: RunningDraftService;
beforeAll(async () => {
  verifier = await startTestVerifier({ maxSessions: 512, maxSlots: 512 });
  draft = await startTestDraftService([verifier.address]);
});
afterAll(async () => {
  await draft?.close();
  await verifier?.close();
});

const prompt = [1, 2, 3];
/** Credit for sixty tokens. */
const someCredit = {
  type: "offer",
  offer: { firstId: 1, nodes: [], credit: prompt.length + 60 },
} as const;

const idle = { numSessions: 0, numSlots: 0, numQueued: 0, cacheBytesUsed: 0 };
async function opened(stream: VerificationStream): Promise<void> {
  let message = await stream.receive();
  while (message?.type === "progress") message = await stream.receive();
  expect(message?.type).toBe("opened");
}
const request: GenerateRequest = {
  prompt: { type: "text", text: "The captain looked at the letter and" },
  seed: 1,
  maxTokens: 400,
  ignoreEos: true,
};

/** Takes tokens until `count` are there, then does what ends the client. */
async function takeSome(policy: string, count: number, end: (abort: () => void) => Promise<void>) {
  const client = openGenerationClient({ address: draft.address });
  const controller = new AbortController();
  let numTokens = 0;
  try {
    for await (const event of client.generate({ ...request, policy }, controller.signal)) {
      if (event.type === "token") numTokens++;
      if (numTokens === count) await end(() => controller.abort());
    }
  } finally {
    client.close();
  }
}

describe.each(["none", "static:4", "stream"])("a client of %s that goes away", (policy) => {
  test("stops the target's work within one step", async () => {
    let numSteps = 0;
    const cancelled = takeSome(policy, 10, async (abort) => {
      abort();
      // What was under way when the word arrived may end; nothing begins after it.
      await expect.poll(() => verifier.status(), { interval: 1 }).toMatchObject(idle);
      numSteps = verifier.status().numSteps;
    });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    await sleep(200);
    expect(verifier.status().numSteps - numSteps).toBeLessThanOrEqual(1);
    expect(verifier.status()).toMatchObject(idle);
    expect(draft.numRunning).toBe(0);
  });

  test("because its deadline has passed is told so, and stops the work too", async () => {
    const client = openGenerationClient({ address: draft.address });
    const events = client.generate({ ...request, policy }, undefined, { timeoutMs: 150 });
    const all = (async () => {
      for await (const _ of events);
    })();
    await expect(all).rejects.toMatchObject({ code: "deadline_exceeded" });
    client.close();
    await expect.poll(() => verifier.status()).toMatchObject(idle);
    const { numSteps } = verifier.status();
    await sleep(200);
    expect(verifier.status().numSteps - numSteps).toBeLessThanOrEqual(1);
  });
});

test("2 000 sessions opened and abandoned leave nothing behind", { timeout: 120_000 }, async () => {
  // Node drops a connection on which a thousand streams were reset: as many clients as that takes.
  const clients = Array.from({ length: 8 }, () =>
    openVerificationClient({ address: verifier.address }),
  );
  const abandon = async (index: number) => {
    const client = clients[index % clients.length] ?? clients[0];
    if (client === undefined) return;
    const stream = client.openStream(openFor(verifier.description, prompt));
    // Some go at once, some when they are open, some in the middle of the text.
    if (index % 3 > 0) await opened(stream);
    if (index % 3 > 1) stream.send(someCredit);
    if (index % 2 === 0) stream.reset();
    else stream.close();
  };
  const batch = async (from: number, count: number) => {
    for (let index = from; index < from + count; index += 20)
      await Promise.all(Array.from({ length: 20 }, (_, i) => abandon(index + i)));
    await expect.poll(() => verifier.status(), { timeout: 10_000 }).toMatchObject(idle);
  };
  expect(globalThis.gc, "the suite runs with --expose-gc").toBeDefined();
  await batch(0, 400);
  let rssGrowth = Number.POSITIVE_INFINITY;
  // The rows of those sessions alone, in the model's thread, would be a gigabyte, every time. What an
  // allocator keeps on a busy machine it keeps once.
  for (let turn = 0; turn < 3 && rssGrowth >= 128 << 20; turn++) {
    globalThis.gc?.();
    const before = process.memoryUsage();
    await batch(400, 2_000);
    globalThis.gc?.();
    const after = process.memoryUsage();
    expect(after.heapUsed - before.heapUsed).toBeLessThan(8 << 20);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 << 20);
    rssGrowth = after.rss - before.rss;
  }
  for (const client of clients) client.close();
  expect(rssGrowth).toBeLessThan(128 << 20);

  const { numReopened } = (await generateAt(draft.address, { ...request, maxTokens: 20 })).finished
    .statistics;
  expect(numReopened).toBe(0);
});

test("more sessions than slots: each is evicted and opened again, and no text changes", async () => {
  await using small = await startTestVerifier({ maxSlots: 2 });
  await using service = await startTestDraftService([small.address]);
  const requests = Array.from({ length: 6 }, (_, seed) => ({
    ...request,
    policy: "static:3",
    seed,
    maxTokens: 30,
  }));
  const expected = [];
  for (const each of requests) expected.push(await generateAt(draft.address, each));
  // On a busy machine it happens that they all come one after the other.
  for (let turn = 0; turn < 10 && small.status().numEvicted === 0; turn++) {
    const generated = await Promise.all(requests.map((each) => generateAt(service.address, each)));
    expect(generated.map(({ tokenIds }) => tokenIds)).toEqual(
      expected.map(({ tokenIds }) => tokenIds),
    );
  }
  expect(small.status().numEvicted).toBeGreaterThan(0);
  await expect.poll(() => small.status()).toMatchObject(idle);
});
