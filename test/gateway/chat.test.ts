import { loadTokenizer, type ModelTokenizer } from "@adaedl/model";
import type { GenerateRequest } from "@adaedl/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateAt, storyteller } from "../network/start-services.ts";
import { type ChatFields, chat, chatStreamed, contentOf, model } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

/** Of the verifier in these tests: texts that go on to its end are short. */
const contextLength = 128;
let stack: GatewayStack;
let tokenizer: ModelTokenizer;
beforeAll(async () => {
  stack = await startGatewayStack({
    verifier: { cacheBytes: contextLength * 4096 }, // rows of the built-in target: 4 kB a token
    drafts: [{ policy: "static:3" }],
  });
  tokenizer = await loadTokenizer(storyteller.target);
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

const messages: ChatFields["messages"] = [
  { role: "system", content: "Tell a story." },
  { role: "user", content: "Who came in?" },
];
const fields = { messages, seed: 4, temperature: 0.8, ignore_eos: true } as const;
/** What the template makes of them. */
const written = "<|endoftext|>System: Tell a story.\n\nUser: Who came in?\n\nAssistant:";

/** The text that the draft service gives without a gateway. */
async function textOverGrpc(request: Omit<GenerateRequest, "prompt">): Promise<string> {
  const prompt = {
    type: "chat",
    messages: [
      { role: "system", content: "Tell a story." },
      { role: "user", content: "Who came in?" },
    ],
  } as const;
  const sampling = { temperature: 0.8 };
  const asked = { prompt, seed: 4, sampling, ignoreEos: true, ...request };
  return (await generateAt(stack.draft.address, asked)).text;
}

test("an answer is the same whole, streamed and over gRPC", async () => {
  const asked = { ...fields, max_completion_tokens: 24 };
  const { choices, usage, object } = await chat(stack.client, asked);
  expect(object).toBe("chat.completion");
  expect(choices).toHaveLength(1);
  const content = choices[0]?.message.content ?? "";
  expect(choices[0]).toMatchObject({
    message: { role: "assistant", content, refusal: null },
    ...{ index: 0, logprobs: null, finish_reason: "length" },
  });
  expect(content.length).toBeGreaterThan(24);
  expect(contentOf(await chatStreamed(stack.client, asked))).toBe(content);
  expect(await textOverGrpc({ maxTokens: 24 })).toBe(content);
  const numPromptTokens = tokenizer.encode(written, { addSpecialTokens: false }).length;
  expect(usage).toEqual({
    ...{ prompt_tokens: numPromptTokens, completion_tokens: 24 },
    total_tokens: numPromptTokens + 24,
  });
});

test("the first example of an OpenAI client is answered", async () => {
  const { choices } = await stack.client.chat.completions.create({
    model,
    messages: [
      { role: "developer", content: "Talk like a pirate." },
      { role: "user", content: "Are semicolons optional in JavaScript?" },
    ],
  });
  expect(choices[0]?.message.role).toBe("assistant");
  expect(choices[0]?.message.content).toMatch(/\w/);
});

test("the client's own helper for streams ends with the whole message", async () => {
  const asked = { ...fields, max_tokens: 12 };
  const content = (await chat(stack.client, asked)).choices[0]?.message.content;
  const stream = stack.client.chat.completions.stream({ model, ...asked });
  const { choices } = await stream.finalChatCompletion();
  expect(choices[0]).toMatchObject({
    message: { role: "assistant", content },
    finish_reason: "length",
  });
});

describe("a stream", () => {
  test("says whose turn it is first, then brings text, then why it ends", async () => {
    const chunks = await chatStreamed(stack.client, { ...fields, max_tokens: 12 });
    const choices = chunks.map((chunk) => chunk.choices[0]);
    expect(choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    for (const choice of choices.slice(1, -1)) {
      expect(choice?.delta).toEqual({ content: expect.stringMatching(/[\s\S]/) });
      expect(choice?.finish_reason).toBeNull();
    }
    expect(choices.at(-1)).toMatchObject({ delta: {}, finish_reason: "length" });
    expect(choices.at(-1)?.delta).toEqual({});
    expect(choices.length).toBeGreaterThan(8);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ object: "chat.completion.chunk", model });
  });

  test("of two choices says so for each, and both are as whole answers have them", async () => {
    const asked = { ...fields, max_tokens: 12, n: 2 };
    const chunks = await chatStreamed(stack.client, asked);
    const whole = await chat(stack.client, asked);
    const contents = whole.choices.map(({ message }) => message.content);
    expect(new Set(contents).size).toBe(2);
    for (const index of [0, 1]) {
      const own = chunks.flatMap(({ choices }) => choices.filter((one) => one.index === index));
      expect(own.map(({ delta }) => delta.role)).toEqual([
        "assistant",
        ...own.slice(1).map(() => undefined),
      ]);
      expect(contentOf(chunks, index)).toBe(contents[index]);
    }
    const alone = await chat(stack.client, { ...asked, n: 1, seed: 5 });
    expect(contents[1]).toBe(alone.choices[0]?.message.content);
  });
});

test("developer is another name of system, and parts of text are one text", async () => {
  const asked = { ...fields, max_tokens: 12 };
  const plain = await chat(stack.client, asked);
  const inParts = await chat(stack.client, {
    ...asked,
    messages: [
      { role: "developer", content: [{ type: "text", text: "Tell a story." }] },
      {
        role: "user",
        content: [
          { type: "text", text: "Who " },
          { type: "text", text: "came in?" },
        ],
      },
    ],
  });
  expect(inParts.choices[0]?.message).toEqual(plain.choices[0]?.message);
  expect(inParts.usage).toEqual(plain.usage);
  const spoken = await chat(stack.client, {
    ...asked,
    messages: [
      ...messages,
      { role: "assistant", content: "A man." },
      { role: "user", content: "" },
    ],
  });
  expect(spoken.usage?.prompt_tokens).toBeGreaterThan(plain.usage?.prompt_tokens ?? Infinity);
  expect(spoken.choices[0]?.message.content).not.toBe(plain.choices[0]?.message.content);
});

test("an answer as its SDK dumps it is history, as its role and content alone are", async () => {
  const answer = (await chat(stack.client, { ...fields, max_tokens: 4 })).choices[0]?.message;
  const { content } = answer ?? {};
  const dumped = {
    ...answer,
    ...{ annotations: [], audio: null, function_call: null, tool_calls: [], name: null },
    ...{ reasoning_content: null, reasoning: null, parsed: null, provider_specific_fields: null },
  };
  const answerAfter = async (turn: object) => {
    const asked = { ...fields, messages: [...messages, turn, ...messages], max_tokens: 4 };
    const { choices, usage } = await chat(stack.client, asked as ChatFields);
    return { text: choices[0]?.message.content, usage };
  };
  expect(await answerAfter(dumped)).toEqual(await answerAfter({ role: "assistant", content }));
});

describe("an answer ends", () => {
  test.each(["max_tokens", "max_completion_tokens"])("at %s", async (name) => {
    const { choices, usage } = await chat(stack.client, { ...fields, [name]: 5 });
    expect(usage?.completion_tokens).toBe(5);
    expect(choices[0]?.finish_reason).toBe("length");
  });

  test("without a limit where the context does", async () => {
    const { choices, usage } = await chat(stack.client, fields);
    expect(usage?.total_tokens).toBe(contextLength);
    expect(choices[0]?.finish_reason).toBe("length");
    expect(choices[0]?.message.content).toBe(await textOverGrpc({ untilContextEnds: true }));
  });

  test("at the end token, which has no text, or at a stop string", async () => {
    const endToken = { logit_bias: { 0: 100 } };
    const asked = { ...fields, ...endToken, max_tokens: 9 };
    const ended = await chat(stack.client, { ...asked, ignore_eos: false });
    expect(ended.choices[0]).toMatchObject({ message: { content: "" }, finish_reason: "stop" });
    expect(ended.usage?.completion_tokens).toBe(1);
    const chunks = await chatStreamed(stack.client, { ...asked, ignore_eos: false });
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, "stop"]);
    expect((await chat(stack.client, asked)).usage?.completion_tokens).toBe(9);

    const plain = await chat(stack.client, { ...fields, max_tokens: 20 });
    const content = plain.choices[0]?.message.content ?? "";
    const stop = content.slice(12, 16);
    const stopped = await chat(stack.client, { ...fields, max_tokens: 20, stop });
    expect(stopped.choices[0]).toMatchObject({
      message: { content: content.slice(0, content.indexOf(stop)) },
      finish_reason: "stop",
    });
  });
});
