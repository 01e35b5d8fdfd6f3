import { AdaedlError } from "@adaedl/core";
import type { DraftServiceOptions, RunningDraftService } from "@adaedl/draft-service";
import type { RunningGateway } from "@adaedl/gateway";
import { findFreePort } from "@adaedl/testing";
import type { RunningVerifier } from "@adaedl/verifier";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateAt, startTestDraftService, startTestVerifier } from "../network/start-services.ts";
import { complete, openStream, prompt, streamed, textOf } from "./ask-gateway.ts";
import { clientOf, healthOf, openTestGateway, startTestGateway } from "./start-gateway-stack.ts";
import { startStubDraftService } from "./stub-draft-service.ts";

let verifier: RunningVerifier;
/** One that stays; tests start others. */
let steady: RunningDraftService;
let expected: string;
const fields = { prompt, seed: 6, max_tokens: 16, ignore_eos: true, temperature: 0.8 };
beforeAll(async () => {
  verifier = await startTestVerifier();
  steady = await startTestDraftService([verifier.address]);
  const { text } = await generateAt(steady.address, {
    prompt: { type: "text", text: prompt },
    ...{ seed: 6, maxTokens: 16 },
    ...{ ignoreEos: true, sampling: { temperature: 0.8 } },
  });
  expected = text;
});
afterAll(async () => {
  await steady?.close();
  await verifier?.close();
});

const patience = { timeout: 15_000 };
const long = { ...fields, max_tokens: 480 };

/** Another draft service, on its own port or on one that was used before. */
function startAnother(options: Partial<DraftServiceOptions> = {}): Promise<RunningDraftService> {
  return startTestDraftService([verifier.address], options);
}

/** So many requests, one after the other: each draft service has its turn. */
async function expectServed(gateway: RunningGateway, numRequests: number): Promise<void> {
  const client = clientOf(gateway);
  for (let index = 0; index < numRequests; index++) {
    const { choices } = await complete(client, fields);
    expect(choices[0]?.text).toBe(expected);
  }
}

/** No answer but a 503, with the time after which to try again. */
async function expectNoRoom(answer: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await answer.then(
    () => new Error("the request went well"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(OpenAI.InternalServerError);
  expect(error).toMatchObject({
    ...{ status: 503, code: "unavailable", type: "overloaded_error", param: null },
    message: expect.stringMatching(message),
  });
  expect((error as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after")).toBe("1");
}

/** How many draft services take generations, as the gateway sees it. */
async function numServing({ address }: RunningGateway): Promise<number> {
  const metrics = await (await fetch(`http://${address}/metrics`)).text();
  return Number(/^adaedl_num_draft_services\S* (\d+)$/m.exec(metrics)?.[1]);
}

/** A gateway that knows all of these. */
async function startGatewayFor(services: readonly { readonly address: string }[]) {
  const gateway = await startTestGateway(services.map(({ address }) => address));
  await expect.poll(() => numServing(gateway), patience).toBe(services.length);
  return gateway;
}

/** A stream that has begun, and holds its place until it is let go. */
async function hold(gateway: RunningGateway): Promise<() => void> {
  const controller = new AbortController();
  const { signal } = controller;
  const stream = await openStream(clientOf(gateway), fields, { signal });
  await stream[Symbol.asyncIterator]().next();
  return () => controller.abort();
}

describe("a draft service that is lost", () => {
  test("from the start is not asked; with no other, there is no model", async () => {
    const dead = `127.0.0.1:${await findFreePort()}`;
    await using gateway = await startTestGateway([dead, steady.address]);
    await expectServed(gateway, 3);
    expect(await numServing(gateway)).toBe(1);
    await using alone = await openTestGateway([dead]);
    expect(await healthOf(alone)).toBe(503);
    expect(await healthOf(alone, "/readyz")).toBe(503);
    expect(await healthOf(alone, "/livez")).toBe(200); // a restart would mend nothing
    await expectNoRoom(complete(clientOf(alone), fields), /no draft service has answered yet/);
    expect((await clientOf(alone).models.list()).data).toEqual([]);
  });

  test("with another precision of the same target is left out", async () => {
    const other = await startStubDraftService({ numTokens: 3, ends: true, targetWeights: "int8" });
    await using gateway = await startGatewayFor([steady, other]);
    await expectServed(gateway, 4);
    expect(other.numBegun).toBe(0);
    await other[Symbol.asyncDispose]();
  });

  test("and starts late with another precision changes no text of those that serve", async () => {
    const listen = `127.0.0.1:${await findFreePort()}`;
    await using first = await startStubDraftService({
      ...{ numTokens: 3, ends: true, targetWeights: "int8" },
    });
    await using gateway = await startTestGateway([listen, first.address]);
    const text = async () => (await complete(clientOf(gateway), fields)).choices[0]?.text;
    expect(await text()).toBe("xxx");
    await using _late = await startAnother({ listen });
    await expect.poll(() => numServing(gateway), patience).toBe(2);
    expect([await text(), await text()]).toEqual(["xxx", "xxx"]);
  });

  test.each(["whole", "streamed"])("before the first token of a %s answer", async (way) => {
    const hanging = await startStubDraftService({ numTokens: 0 });
    await using gateway = await startGatewayFor([hanging, steady]);
    const client = clientOf(gateway);
    const ask = async () =>
      way === "whole"
        ? (await complete(client, fields)).choices[0]?.text
        : textOf(await streamed(client, fields));
    const answers = [ask(), ask()]; // one each
    await expect.poll(() => hanging.numRunning, patience).toBe(1);
    await hanging[Symbol.asyncDispose]();
    expect(await Promise.all(answers)).toEqual([expected, expected]);
    expect(await numServing(gateway)).toBe(1);
    await expectServed(gateway, 2);
    expect(hanging.numBegun).toBe(1);
  });

  test("in the middle of a stream ends it with an error", async () => {
    await using another = await startAnother();
    await using gateway = await startGatewayFor([another]);
    const stream = await openStream(clientOf(gateway), long);
    let numChunks = 0;
    const reading = (async () => {
      for await (const _ of stream) if (++numChunks === 3) void another.close();
    })();
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
    await expect(reading).rejects.toMatchObject({ code: "unavailable", type: "overloaded_error" });
    expect(numChunks).toBeGreaterThanOrEqual(3);
    expect(numChunks).toBeLessThan(480);
    await expect.poll(() => gateway.numRunning, patience).toBe(0);
  });

  test("in the middle of a whole answer is a 503 that is worth another try", async () => {
    const stub = await startStubDraftService({ numTokens: 5 });
    await using gateway = await startGatewayFor([stub]);
    const answer = complete(clientOf(gateway), fields);
    await expect.poll(() => stub.numTokens, patience).toBe(5);
    await Promise.all([expectNoRoom(answer, /./), stub[Symbol.asyncDispose]()]);
    await expectNoRoom(complete(clientOf(gateway), fields), /no draft service has room/);
    expect(await healthOf(gateway)).toBe(503);
  });

  test("is used again when it is back", async () => {
    const first = await startAnother();
    const { address } = first;
    await using gateway = await startGatewayFor([first]);
    await expectServed(gateway, 1);
    await first.close();
    await expect.poll(() => healthOf(gateway), patience).toBe(503);
    await expectNoRoom(complete(clientOf(gateway), fields), /no draft service has room/);
    expect((await clientOf(gateway).models.list()).data).toHaveLength(1); // it is known
    await using _ = await startAnother({ listen: address });
    await expect.poll(() => healthOf(gateway), patience).toBe(200);
    await expectServed(gateway, 1);
  });
});

test.each(["unavailable", "deadline_exceeded", "resource_exhausted", "internal"] as const)(
  "a request that fails with %s at its draft service fails alone",
  async (code) => {
    const firstFailure = new AdaedlError(code, "no verifier could serve the request");
    await using stub = await startStubDraftService({ numTokens: 1, firstFailure });
    await using gateway = await startGatewayFor([stub]);
    await expect(complete(clientOf(gateway), fields)).rejects.toMatchObject({
      message: expect.stringContaining("no verifier could serve the request"),
    });
    expect(await healthOf(gateway)).toBe(200);
    await hold(gateway); // the next request is served at once
    expect(stub.numBegun).toBe(2);
  },
);

describe("the least loaded draft service", () => {
  test("is chosen, by its share of what it takes", async () => {
    await using small = await startStubDraftService({ numTokens: 1, maxRequests: 2 });
    await using large = await startStubDraftService({ numTokens: 1, maxRequests: 6 });
    await using gateway = await startGatewayFor([small, large]);
    for (const total of [4, 8]) {
      while (gateway.numRunning < total) await hold(gateway);
      expect([small.numRunning, large.numRunning]).toEqual([total / 4, (3 * total) / 4]);
    }
  });

  test("is none where all are full: a 503 until one has room again", async () => {
    await using one = await startStubDraftService({ numTokens: 1, maxRequests: 1 });
    await using other = await startStubDraftService({ numTokens: 1, maxRequests: 1 });
    await using gateway = await startGatewayFor([one, other]);
    const letGo = [await hold(gateway), await hold(gateway)];
    expect([one.numRunning, other.numRunning]).toEqual([1, 1]);
    await expectNoRoom(complete(clientOf(gateway), fields), /no draft service has room/);
    await expectNoRoom(streamed(clientOf(gateway), fields), /no draft service has room/);
    expect(await healthOf(gateway)).toBe(200); // full, not ill
    letGo[0]?.();
    await expect.poll(() => gateway.numRunning, patience).toBe(1);
    await hold(gateway);
    expect(one.numBegun + other.numBegun).toBe(3);
  });

  test("is another one where others keep it busy, or the gateway says that there is none", async () => {
    await using busy = await startAnother({ maxRequests: 1 });
    await using both = await startGatewayFor([busy, steady]);
    await using alone = await startGatewayFor([busy]);
    const controller = new AbortController();
    const request = { prompt: { type: "text", text: prompt }, policy: "none" } as const;
    const occupation = generateAt(
      busy.address,
      { ...request, maxTokens: 480, ignoreEos: true },
      controller.signal,
    );
    await expect.poll(() => busy.numRunning, patience).toBe(1);
    await expectServed(both, 2);
    await expectNoRoom(complete(clientOf(alone), fields), /: 1 generations are running$/);
    expect(busy.numRunning).toBe(1);
    controller.abort();
    await expect(occupation).rejects.toMatchObject({ code: "cancelled" });
    await expect.poll(() => busy.numRunning, patience).toBe(0);
    await expectServed(alone, 1);
  });
});

test("a gateway takes no more choices at a time than it may", async () => {
  await using stub = await startStubDraftService({ numTokens: 1 });
  await using gateway = await startTestGateway([stub.address], { maxRequests: 2 });
  const letGo = await hold(gateway);
  await hold(gateway);
  await expectNoRoom(complete(clientOf(gateway), fields), /2 of 2 generations are running$/);
  expect(stub.numBegun).toBe(2);
  letGo();
  await expect.poll(() => gateway.numRunning, patience).toBe(1);
  await hold(gateway);
});
