import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningGateway } from "@adaedl/gateway";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import rootPackage from "../../package.json" with { type: "json" };
import { complete, openStream, prompt } from "./ask-gateway.ts";
import {
  clientOf,
  type GatewayStack,
  startGatewayStack,
  startTestGateway,
} from "./start-gateway-stack.ts";
import { type StubDraftService, startStubDraftService } from "./stub-draft-service.ts";

const folder = mkdtempSync(join(tmpdir(), "adaedl-gateway-"));
const file = join(folder, "keys");
const keyOf = (name: string) => `sk-${name}-0123456789`;
const limitsOf = {
  free: "",
  one: "concurrency=1",
  two: "requests-per-minute=2",
  many: "requests-per-minute=3",
  few: "tokens-per-minute=20",
};

const lines: string[] = [];
const note = (fields: object, message: string) =>
  void lines.push(JSON.stringify([fields, message]));
const logger = { debug: note, info: note, warn: note, error: note };

let stack: GatewayStack;
let hanging: StubDraftService;
/** In front of a draft service that holds on to generations. */
let busy: RunningGateway;
beforeAll(async () => {
  const entries = Object.entries(limitsOf);
  writeFileSync(
    file,
    entries.map(([name, limits]) => `${name} ${keyOf(name)} ${limits}\n`).join(""),
  );
  stack = await startGatewayStack({ gateway: { apiKeysFile: file }, logger });
  hanging = await startStubDraftService({ numTokens: 1 });
  busy = await startTestGateway([hanging.address], { apiKeysFile: file }, logger);
});
afterAll(async () => {
  await busy?.close();
  await hanging?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function clientWith(apiKey: string, gateway = stack.gateway): OpenAI {
  return clientOf(gateway, { apiKey });
}

const fields = { prompt, seed: 1, max_tokens: 4, ignore_eos: true };
/** Refused for a limit, with a time that is worth waiting for. */
async function expectLimited(answer: Promise<unknown>, limit: string): Promise<void> {
  const error = await answer.then(
    () => new Error("the request went well"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  const { status, code, param, type, message, headers } = error as InstanceType<
    typeof OpenAI.RateLimitError
  >;
  expect({ status, code, param, type }).toEqual({
    ...{ status: 429, code: "rate_limit_exceeded", param: limit, type: "rate_limit_error" },
  });
  expect(message).toBe(`429 the limit of ${limit} of this API key is reached`);
  const retryAfter = Number(headers?.get("retry-after"));
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);
}

describe("without a good key", () => {
  test.each(["sk-wrong-0123456789", `${keyOf("free")}x`, "free"])("%s is refused", async (key) => {
    const asked = complete(clientWith(key), fields);
    await expect(asked).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(asked).rejects.toMatchObject({
      ...{ status: 401, code: "invalid_api_key", param: null, type: "authentication_error" },
    });
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining(key) });
    await expect(clientWith(key).models.list()).rejects.toMatchObject({ status: 401 });
  });

  test("a request without a key is told nothing else, but health and metrics are open", async () => {
    const url = `http://${stack.gateway.address}`;
    const answer = await fetch(`${url}/v1/completions`, { method: "POST", body: "{" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.text()).toMatch(/must carry a valid API key/);
    for (const path of ["/health", "/livez", "/readyz", "/version", "/metrics", "/openapi.json"])
      expect((await fetch(url + path)).status, path).toBe(200);
    const { version } = rootPackage;
    expect(await (await fetch(`${url}/version`)).json()).toEqual({ version });
  });

  test("one key for all is a key too", async () => {
    const apiKey = "sk-only-0123456789";
    await using gateway = await startTestGateway([stack.draft.address], { apiKey });
    const { choices } = await complete(clientWith(apiKey, gateway), fields);
    expect(choices).toHaveLength(1);
    const other = complete(clientWith(keyOf("free"), gateway), fields);
    await expect(other).rejects.toMatchObject({ status: 401 });
  });

  test("a bad file is refused without a word of what is in it", async () => {
    const bad = join(folder, "bad");
    writeFileSync(bad, `free ${keyOf("free")}\none ${keyOf("one")} concurrency=0\n`);
    const start = startTestGateway([stack.draft.address], { apiKeysFile: bad });
    await expect(start).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringMatching(/bad line 2 must be a name, a key and limits/),
    });
    await expect(start).rejects.not.toMatchObject({ message: expect.stringContaining("sk-") });
  });
});

describe("a caller's limit", () => {
  test("of generations at a time holds until one ends, and for this caller only", async () => {
    const one = clientWith(keyOf("one"), busy);
    const controller = new AbortController();
    const stream = await openStream(one, fields, { signal: controller.signal });
    await stream[Symbol.asyncIterator]().next();
    await expectLimited(complete(one, fields), "concurrency");
    expect(hanging.numBegun).toBe(1);
    const others = new AbortController();
    const free = complete(clientWith(keyOf("free"), busy), fields, { signal: others.signal });
    await expect.poll(() => hanging.numRunning).toBe(2);
    others.abort();
    await expect(free).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);

    controller.abort();
    await expect.poll(() => busy.numRunning).toBe(0);
    const again = new AbortController();
    const next = complete(one, fields, { signal: again.signal });
    await expect.poll(() => hanging.numRunning).toBe(1);
    again.abort();
    await expect(next).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await expect.poll(() => hanging.numRunning).toBe(0);
  });

  test("of requests a minute counts those that are let in", async () => {
    const two = clientWith(keyOf("two"));
    for (let index = 0; index < 2; index++) await complete(two, fields);
    await expectLimited(complete(two, fields), "requests-per-minute");
    await expectLimited(openStream(two, fields), "requests-per-minute");
    await complete(clientWith(keyOf("free")), fields);
    expect((await two.models.list()).data).toHaveLength(1); // no work
  });

  test("holds for requests that come at once", async () => {
    const many = clientWith(keyOf("many"));
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => complete(many, fields)),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    const refused = answers.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 429));
  });

  test("of tokens a minute counts prompts and outputs, and is exceeded once", async () => {
    const few = clientWith(keyOf("few"));
    expect((await complete(few, fields)).usage?.total_tokens).toBe(12);
    expect((await complete(few, fields)).usage?.total_tokens).toBe(12); // 8 were left
    await expectLimited(complete(few, fields), "tokens-per-minute");
    await complete(clientWith(keyOf("free")), fields);
  });
});

test("the log names callers, and holds no key", async () => {
  await fetch(`http://${stack.gateway.address}/v1/models?key=${keyOf("free")}`);
  await expect.poll(() => lines.filter((line) => line.includes("/v1/models")).length).toBe(5);
  const requests = lines.filter((line) => line.includes("/v1/completions"));
  expect(requests.length).toBeGreaterThan(20);
  expect(requests.filter((line) => line.includes('"caller":"two"'))).toHaveLength(4);
  await complete(clientWith(keyOf("free")), { ...fields, user: "ada" });
  await expect.poll(() => lines.filter((line) => line.includes('"user":"ada"')).length).toBe(1);
  expect(lines.join("\n")).not.toContain("sk-");
});
