import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complete, model, openStream, prompt, streamed, textOf } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack, startTestGateway } from "./start-gateway-stack.ts";
import { startStubDraftService } from "./stub-draft-service.ts";

let stack: GatewayStack;
beforeAll(async () => {
  stack = await startGatewayStack();
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

const patience = { timeout: 10_000, interval: 1 };
const idle = { numSessions: 0, numSlots: 0, numQueued: 0, cacheBytesUsed: 0 };
/** Far more than is done before anybody goes. */
const numTokens = 480;
const fields = { prompt, seed: 1, ignore_eos: true, max_tokens: numTokens };

/** Nothing runs any more, anywhere, and what was under way at the target was one step at most. */
async function expectEnded(numStepsBefore: number): Promise<void> {
  await expect.poll(() => stack.verifier.status(), patience).toMatchObject(idle);
  const { numSteps } = stack.verifier.status();
  expect(numSteps - numStepsBefore).toBeLessThan(numTokens / 4);
  await expect.poll(() => stack.draft.numRunning, patience).toBe(0);
  await expect.poll(() => stack.gateway.numRunning, patience).toBe(0);
  await sleep(200);
  expect(stack.verifier.status().numSteps - numSteps).toBeLessThanOrEqual(1);
}

describe.each(["none", "static:1"])("a client of %s that goes away", (policy) => {
  const asked = { ...fields, adaedl: { policy } };

  test("in the middle of a stream ends the work within a step", async () => {
    const { numSteps } = stack.verifier.status();
    const controller = new AbortController();
    const stream = await openStream(stack.client, asked, { signal: controller.signal });
    let numChunks = 0;
    for await (const _ of stream) if (++numChunks === 5) controller.abort();
    expect(numChunks).toBeLessThan(numTokens / 4);
    await expectEnded(numSteps);
  });

  test("by leaving the loop ends it too", async () => {
    const { numSteps } = stack.verifier.status();
    for await (const _ of await openStream(stack.client, asked)) break;
    await expectEnded(numSteps);
  });

  test("before its whole answer is there ends it too, all choices of it", async () => {
    for (const n of [1, 3]) {
      const { numSteps } = stack.verifier.status();
      const controller = new AbortController();
      const { signal } = controller;
      const answer = complete(stack.client, { ...asked, n }, { signal });
      const isUnderWay = () => stack.verifier.status().numSteps > numSteps + 5;
      await expect.poll(isUnderWay, patience).toBe(true);
      expect(stack.draft.numRunning).toBe(n);
      controller.abort();
      await expect(answer).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
      await expectEnded(numSteps);
    }
  });
});

test("a generation that takes longer than it may ends with a 504", async () => {
  await using hanging = await startStubDraftService({ numTokens: 2 });
  await using gateway = await startTestGateway([hanging.address], { requestTimeoutMs: 300 });
  const client = new OpenAI({
    ...{ baseURL: `http://${gateway.address}/v1`, apiKey: "any", maxRetries: 0 },
  });
  await expect(complete(client, fields)).rejects.toMatchObject({
    ...{ status: 504, type: "timeout_error" },
  });
  const inStream = streamed(client, fields);
  await expect(inStream).rejects.toMatchObject({ code: "deadline_exceeded" });
  await expect.poll(() => hanging.numRunning, patience).toBe(0);
});

test("a client that reads nothing is held back, and cut off in the end", async () => {
  const text = "x".repeat(1_000);
  await using endless = await startStubDraftService({ numTokens: Number.POSITIVE_INFINITY, text });
  await using gateway = await startTestGateway([endless.address], { writeTimeoutMs: 2_000 });
  globalThis.gc?.();
  const before = process.memoryUsage();
  const response = await postRaw(gateway.address, { model, prompt, stream: true });
  expect(response.statusCode).toBe(200);
  response.pause();
  const cut = new Promise<void>((resolve) => response.once("close", resolve));
  response.on("error", () => {}); // for the same reason

  // Tokens are made as long as there is room in buffers, then no more.
  let numTokens = 0;
  const hasStopped = async () => {
    const earlier = endless.numTokens;
    await sleep(300);
    numTokens = endless.numTokens;
    return numTokens === earlier;
  };
  await expect.poll(hasStopped, { timeout: 20_000 }).toBe(true);
  expect(numTokens).toBeGreaterThan(10);
  expect(numTokens).toBeLessThan(40_000); // sockets hold megabytes
  expect(gateway.numRunning).toBe(1);
  globalThis.gc?.();
  const after = process.memoryUsage();
  expect(globalThis.gc, "the suite runs with --expose-gc").toBeDefined();
  expect(after.heapUsed - before.heapUsed).toBeLessThan(16 << 20);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 << 20);

  await expect.poll(() => gateway.numRunning, patience).toBe(0);
  await expect.poll(() => endless.numRunning, patience).toBe(0);
  response.resume(); // what was on its way; then the connection is gone
  await cut;
  expect(response.complete).toBe(false);
  expect(endless.numTokens - numTokens).toBeLessThan(1_000);
});

/** A request whose answer is not read until the caller does. */
async function postRaw(address: string, body: object): Promise<IncomingMessage> {
  const sent = request(`http://${address}/v1/completions`, {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
  });
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, "response");
  return response;
}

test("16 streams at a time have each its own text", { timeout: 60_000 }, async () => {
  const asked = (seed: number) => ({
    ...{ prompt, seed, max_tokens: 10, ignore_eos: true },
    ...{ temperature: 0.9, adaedl: { policy: ["none", "static:3", "adaedl"][seed % 3] ?? "none" } },
  });
  const seeds = Array.from({ length: 16 }, (_, seed) => seed);
  const alone: string[] = [];
  for (const seed of seeds) alone.push(textOf(await streamed(stack.client, asked(seed))));
  const together = await Promise.all(seeds.map((seed) => streamed(stack.client, asked(seed))));
  expect(together.map((chunks) => textOf(chunks))).toEqual(alone);
  expect(new Set(alone).size).toBe(16);
});
