import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChatFields, chat, complete, prompt } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

let stack: GatewayStack;
let url: string;
beforeAll(async () => {
  stack = await startGatewayStack({ drafts: [{ maxRequests: 8 }] });
  url = `http://${stack.gateway.address}`;
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

/** What the client makes of an answer that is none. */
async function errorOf(answer: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const thrown = await answer.then(
    () => new Error("the request went well"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof OpenAI.APIError)) throw thrown;
  return thrown;
}

const badRequest = {
  name: "Error",
  status: 400,
  type: "invalid_request_error",
  code: "invalid_argument",
};

/** Nothing is harmed: the next request is served. */
async function expectGoodAnswer(): Promise<void> {
  const { choices } = await complete(stack.client, { prompt, seed: 1, max_tokens: 2 });
  expect(choices[0]?.finish_reason).toBe("length");
  expect(stack.gateway.numRunning).toBe(0);
  expect(stack.draft.numRunning).toBe(0);
}

describe("completions refuse, naming field, value and rule,", () => {
  test.each<[what: string, fields: object, param: string, message: RegExp]>([
    ["an unknown field", { promt: "a" }, "promt", /^400 promt is not a field of this request$/],
    [
      "an unknown field of ours",
      { adaedl: { polcy: "a" } },
      "adaedl.polcy",
      /adaedl.polcy is not a field/,
    ],
    ["a prototype", JSON.parse('{"__proto__": {"stream": true}}'), "__proto__", /is not a field/],
    ["a long name of a model", { model: "m".repeat(513) }, "model", /at most 512 characters, got/],
    ["a field that is not supported", { echo: true }, "echo", /echo is not supported, only false/],
    ["a prompt that is none", { prompt: 3 }, "prompt", /prompt must be a string, .*got 3$/],
    ["an object", { prompt: { a: "b" } }, "prompt", /got {"a":"b"}$/],
    ["an empty list", { prompt: [] }, "prompt", /prompt must be .* none empty/],
    [
      "a missing prompt",
      { prompt: undefined },
      "prompt",
      /prompt must be a string, .* none empty$/,
    ],
    ["a text as a number", { max_tokens: "5" }, "max_tokens", /must be a whole number .*got "5"$/],
    ["no tokens", { max_tokens: 0 }, "max_tokens", /must be a whole number from 1 to \d+, got 0$/],
    ["a fraction", { n: 1.5 }, "n", /n must be a whole number from 1 to 64, got 1.5$/],
    ["too many choices", { n: 33, prompt: ["a", "b"] }, "n", /n times the number .*64, got 66$/],
    ["heat", { temperature: 2.5 }, "temperature", /must be a number from 0 to 2, got 2.5$/],
    [
      "a negative temperature",
      { temperature: -1e-6 },
      "temperature",
      /from 0 to 2, got -0.000001$/,
    ],
    ["no probability", { top_p: 0 }, "top_p", /top_p must be a number above 0, at most 1, got 0$/],
    [
      "a negative top-k",
      { top_k: -2 },
      "top_k",
      /must be a whole number from -1 to 2147483647, got -2$/,
    ],
    ["a negative seed", { seed: -1 }, "seed", /seed must be a whole number from 0 to 2\^53 - 1/],
    ["too many log-probabilities", { logprobs: 21 }, "logprobs", /from 0 to 20, got 21$/],
    ["an empty stop string", { stop: ["a", ""] }, "stop[1]", /none empty, got ""$/],
    [
      "a bias that is too strong",
      { logit_bias: { 5: 101 } },
      "logit_bias.5",
      /-100 to 100, got 101/,
    ],
    [
      "too many biases",
      { logit_bias: Object.fromEntries(Array.from({ length: 1025 }, (_, id) => [id, 1])) },
      "logit_bias",
      /takes at most 1024 token ids, got {"0":1,/,
    ],
    ["a bias on no token id", { logit_bias: { a: 1 } }, "logit_bias", /token ids .*, got "a"$/],
    [
      "a bias on an unknown token id",
      { logit_bias: { 4096: 1 } },
      "logit_bias",
      /must be a whole number below 4096, got 4096$/,
    ],
    ["an unknown token id", { prompt: [1, 4096] }, "prompt[1]", /from 0 to 4095, got 4096$/],
    ["an unknown policy", { adaedl: { policy: "best" } }, "adaedl.policy", /one of .*got "best"$/],
    ["a bad policy", { adaedl: { policy: "static:65" } }, "adaedl.policy", /1 to 64, got "65"$/],
    [
      "a policy that does not go with the rule",
      { adaedl: { policy: "confidence", verification: "rejection" } },
      "adaedl.policy",
      /shared-noise only/,
    ],
    [
      "an unknown rule",
      { adaedl: { verification: "none" } },
      "adaedl.verification",
      /must be one of shared-noise, rejection, got "none"$/,
    ],
    ["options of no stream", { stream_options: {} }, "stream_options", /without stream$/],
  ])("%s", async (_, fields, param, message) => {
    const error = await errorOf(complete(stack.client, { prompt, max_tokens: 2, ...fields }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ ...badRequest, param });
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n/);
    await expectGoodAnswer();
  });

  test.each<[what: string, fields: object, param: string]>([
    ["a prompt", { prompt: "a ".repeat(600) }, "prompt"],
    ["a prompt that fills the body", { prompt: "a".repeat((1 << 20) - 200) }, "prompt"],
    ["a prompt with its output", { prompt, max_tokens: 505 }, "max_tokens"],
  ])("%s that is longer than the context", async (_, fields, param) => {
    for (const stream of [false, true]) {
      const asked = stack.client.completions.create({ ...fields, stream } as never);
      const error = await errorOf(asked);
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      expect(error).toMatchObject({ param, code: "context_length_exceeded" });
      expect(error.message).toMatch(/context.*512/);
    }
    await expectGoodAnswer();
  });

  test("a model that is not there", async () => {
    const asked = stack.client.completions.create({ model: "gpt-4", prompt });
    const error = await errorOf(asked);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, param: "model", code: "model_not_found" });
    expect(error.message).toBe('404 model must be one of storyteller-target, got "gpt-4"');
    expect(await errorOf(stack.client.models.retrieve("gpt-4"))).toMatchObject({ status: 404 });
    await expectGoodAnswer();
  });
});

describe("chats refuse", () => {
  const messages = [{ role: "user", content: "Hello" }] as const;
  test.each<[what: string, fields: object, param: string]>([
    ["no messages", { messages: [] }, "messages"],
    ["an unknown role", { messages: [{ role: "tool", content: "a" }] }, "messages[0].role"],
    ["a message without content", { messages: [{ role: "user" }] }, "messages[0].content"],
    [
      "a picture",
      { messages: [...messages, { role: "user", content: [{ type: "image_url" }] }] },
      "messages[1].content",
    ],
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }, "tools"],
    ["structured output", { response_format: { type: "json_object" } }, "response_format"],
    ["top_logprobs alone", { top_logprobs: 2 }, "top_logprobs"],
    ["two limits", { max_tokens: 1, max_completion_tokens: 2 }, "max_tokens"],
    ["a prompt", { prompt }, "prompt"],
  ])("%s", async (_, fields, param) => {
    const asked = { messages: [...messages], ...fields } as ChatFields;
    const error = await errorOf(chat(stack.client, asked));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ ...badRequest, param });
    await expectGoodAnswer();
  });
});

describe("what is no request of the API", () => {
  const json = { "content-type": "application/json" };
  const post = (body: string, headers: Record<string, string> = json) =>
    fetch(`${url}/v1/completions`, { method: "POST", headers, body });

  test.each<[what: string, status: number, body: string, headers?: Record<string, string>]>([
    ["is not JSON", 400, "{"],
    ["is empty", 400, ""],
    ["is a list", 400, "[]"],
    ["is a prompt alone", 400, '"Once"'],
    ["is too large", 413, JSON.stringify({ prompt: "x".repeat(10 << 20) })],
    ["is a form", 415, "prompt=Once", { "content-type": "application/x-www-form-urlencoded" }],
  ])("a body that %s", async (_, status, body, headers) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error).toEqual({
      message: expect.stringMatching(/^.{10,200}$/),
      ...{ type: "invalid_request_error", param: null, code: "invalid_argument" },
    });
    await expectGoodAnswer();
  });

  test.each([
    ["POST", "/v1/embeddings", 404, "not_found"],
    ["GET", "/v1/completions", 405, "method_not_allowed"],
    ["GET", "/nothing?key=secret", 404, "not_found"],
  ])("%s %s", async (method, path, status, code) => {
    const answer = await fetch(url + path, { method });
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error).toMatchObject({ type: "invalid_request_error", code });
    expect(error.message).not.toContain("secret");
  });

  test("every answer has an id, the client's own where it has one", async () => {
    const { headers } = await post("{");
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    const own = await post("{", { ...json, "x-request-id": "mine-1" });
    expect(own.headers.get("x-request-id")).toBe("mine-1");
    const error = await errorOf(complete(stack.client, { prompt, n: 0 }));
    expect(error.requestID).toMatch(/^[\w-]{36}$/);
  });
});
