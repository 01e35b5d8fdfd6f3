import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { complete, openStream, prompt, textOf } from "./ask-gateway.ts";
import {
  clientOf,
  type GatewayStack,
  healthOf,
  startGatewayStack,
  startTestGateway,
} from "./start-gateway-stack.ts";
import { startStubDraftService } from "./stub-draft-service.ts";

let stack: GatewayStack;
beforeAll(async () => {
  stack = await startGatewayStack();
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

const fields = { prompt, seed: 3, max_tokens: 60, ignore_eos: true };

test("a drain lets running answers finish, and lets no more in", async () => {
  const gateway = await startTestGateway([stack.draft.address]);
  const client = clientOf(gateway);
  const expected = (await complete(stack.client, fields)).choices[0]?.text;
  const whole = complete(client, fields);
  const stream = await openStream(client, fields);
  const chunks: OpenAI.Completion[] = [];
  let draining: Promise<void> | undefined;
  for await (const chunk of stream) {
    chunks.push(chunk);
    if (draining !== undefined) continue;
    draining = gateway.drain(30_000);
    expect(await healthOf(gateway)).toBe(503);
    expect(await healthOf(gateway, "/readyz")).toBe(503);
    expect(await healthOf(gateway, "/livez")).toBe(200);
    const refused = complete(client, fields);
    await expect(refused).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    await expect(refused).rejects.toMatchObject({
      ...{ status: 503, type: "overloaded_error", code: "unavailable" },
      message: "503 the gateway is shutting down",
    });
    expect(gateway.numRunning).toBeGreaterThan(0);
  }
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("length");
  expect(textOf(chunks)).toBe(expected);
  expect((await whole).choices[0]?.text).toBe(expected);
  await draining;
  await expect(healthOf(gateway)).rejects.toThrow(); // nobody listens
  await expect(complete(client, fields)).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
});

test("a drain that takes too long ends what still runs", async () => {
  await using hanging = await startStubDraftService({ numTokens: 2 });
  const gateway = await startTestGateway([hanging.address]);
  const client = clientOf(gateway);
  const stream = (await openStream(client, fields))[Symbol.asyncIterator]();
  await stream.next();
  const whole = complete(client, fields);
  await expect.poll(() => hanging.numRunning).toBe(2);
  const ended = Promise.allSettled([whole, stream.next().then(() => stream.next())]);
  await gateway.drain(100);
  for (const { status } of await ended) expect(status).toBe("rejected");
  await expect.poll(() => hanging.numRunning).toBe(0);
});
