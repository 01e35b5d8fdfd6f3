import { openSpeculator, type Speculator } from "@adaedl/engine";
import type OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storyteller } from "../network/start-services.ts";
import { chat, chatStreamed, complete, prompt, streamed } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

let stack: GatewayStack;
/** The target alone, in this process: what log-probabilities have to be. */
let target: Speculator;
beforeAll(async () => {
  stack = await startGatewayStack({ drafts: [{ policy: "static:3" }] });
  target = await openSpeculator({ target: { directory: storyteller.target, numThreads: 1 } });
});
afterAll(async () => {
  await target?.close();
  await stack?.[Symbol.asyncDispose]();
});

const numTop = 5;
const fields = { prompt, seed: 2, temperature: 0.8, max_tokens: 16, ignore_eos: true };
const messages = [{ role: "user", content: "Hello" }] as const;
const { prompt: _, ...common } = fields;
const chatFields = { ...common, messages: [...messages], logprobs: true, top_logprobs: numTop };

/** What the target says of each token of its own text. */
async function expectedLogprobs(promptText: string, fields: { temperature: number }) {
  const { tokenizer } = target.facts;
  const spell = (tokenId: number) => tokenizer.decode([tokenId], { skipSpecialTokens: false });
  const isWritten = promptText.startsWith("<|endoftext|>"); // by a chat template
  const tokens = [];
  for await (const event of target.generate({
    promptTokenIds: tokenizer.encode(promptText, { addSpecialTokens: !isWritten }),
    ...{ seed: 2, sampling: fields, maxTokens: 16, ignoreEos: true },
    ...{ wantsLogprobs: true, numTopLogprobs: numTop },
  }))
    if (event.type === "token") {
      const { logprob = Number.NaN, topLogprobs = [] } = event;
      const spelled = topLogprobs.map(({ tokenId, logprob }) => ({
        token: spell(tokenId),
        logprob,
      }));
      tokens.push({ token: spell(event.tokenId), logprob, top: spelled });
    }
  expect(tokens).toHaveLength(16);
  return tokens;
}

/** Numbers that went over the wire as 32 bits. */
function near(logprob: number) {
  return expect.closeTo(logprob, 4);
}

function logprobsOf({ choices }: OpenAI.Completion): OpenAI.CompletionChoice.Logprobs {
  const logprobs = choices[0]?.logprobs;
  if (logprobs == null) throw new Error("there are no log-probabilities");
  return logprobs;
}

describe.each([0, 0.8])("completions at temperature %d", (temperature) => {
  const asked = { ...fields, temperature, logprobs: numTop };

  test("tell the target's log-probabilities, drafted or not", async () => {
    const expected = await expectedLogprobs(prompt, { temperature });
    const answer = await complete(stack.client, asked);
    const { tokens, token_logprobs, top_logprobs, text_offset } = logprobsOf(answer);
    expect(tokens).toEqual(expected.map(({ token }) => token));
    expect(token_logprobs).toEqual(expected.map(({ logprob }) => near(logprob)));
    expect(top_logprobs).toEqual(
      expected.map(({ token, logprob, top }) =>
        Object.fromEntries(
          [...top, { token, logprob }].map((one) => [one.token, near(one.logprob)]),
        ),
      ),
    );
    const text = answer.choices[0]?.text ?? "";
    expect(tokens?.join("")).toBe(text);
    expect(text_offset?.map((offset, i) => text.slice(offset, text_offset[i + 1]))).toEqual(tokens);

    const plain = await complete(stack.client, { ...asked, adaedl: { draft: false } });
    expect(logprobsOf(plain)).toEqual(logprobsOf(answer));
    expect(answer.speculation.accepted).toBeGreaterThan(4);
    expect(plain.speculation.drafted).toBe(0);
  });

  test("tell them token by token in a stream", async () => {
    const whole = logprobsOf(await complete(stack.client, asked));
    const chunks = await streamed(stack.client, asked);
    expect(chunks.at(-1)?.choices[0]?.logprobs).toBeNull(); // the end of the choice
    const each = chunks.slice(0, -1).map(logprobsOf);
    expect(each.map(({ tokens }) => tokens?.length)).toEqual(each.map(() => 1));
    expect({
      tokens: each.flatMap(({ tokens }) => tokens),
      token_logprobs: each.flatMap(({ token_logprobs }) => token_logprobs),
      top_logprobs: each.flatMap(({ top_logprobs }) => top_logprobs),
      text_offset: each.flatMap(({ text_offset }) => text_offset),
    }).toEqual(whole);
  });
});

test("at temperature 0 each token is the most probable one", async () => {
  const { tokens, top_logprobs } = logprobsOf(
    await complete(stack.client, { ...fields, temperature: 0, logprobs: 3 }),
  );
  for (const [index, token] of (tokens ?? []).entries()) {
    const top = top_logprobs?.[index] ?? {};
    expect(Object.keys(top)).toHaveLength(3);
    expect(top[token]).toBe(Math.max(...Object.values(top)));
  }
  expect(tokens).toHaveLength(16);
});

describe("a chat", () => {
  test("tells the same of each token, with its bytes, the most probable first", async () => {
    const expected = await expectedLogprobs("<|endoftext|>User: Hello\n\nAssistant:", fields);
    const { choices } = await chat(stack.client, chatFields);
    const content = choices[0]?.logprobs?.content ?? [];
    const utf8 = (token: string) => [...Buffer.from(token)];
    expect(content).toEqual(
      expected.map(({ token, logprob, top }) => ({
        ...{ token, logprob: near(logprob), bytes: utf8(token) },
        top_logprobs: top.map((one) => ({
          ...{ token: one.token, logprob: near(one.logprob), bytes: utf8(one.token) },
        })),
      })),
    );
    for (const { top_logprobs } of content) {
      const logprobs = top_logprobs.map(({ logprob }) => logprob);
      expect(logprobs).toEqual(logprobs.toSorted((one, other) => other - one));
    }
    const bytes = content.flatMap((token) => token.bytes ?? []);
    expect(Buffer.from(bytes).toString()).toBe(choices[0]?.message.content);

    const chunks = await chatStreamed(stack.client, chatFields);
    const told = chunks.flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []);
    expect(told).toEqual(content);
    const plain = await chat(stack.client, { ...chatFields, adaedl: { draft: false } });
    expect(plain.choices[0]?.logprobs?.content).toEqual(content);
  });

  test("without top_logprobs tells of the chosen tokens only", async () => {
    const { top_logprobs: __, ...asked } = chatFields;
    const [{ logprobs = null } = {}] = (await chat(stack.client, asked)).choices;
    expect(logprobs?.content?.map(({ top_logprobs }) => top_logprobs)).toEqual(
      Array.from({ length: 16 }, () => []),
    );
    expect(logprobs?.content?.every(({ logprob }) => logprob <= 0)).toBe(true);
  });
});

test("a token that is part of a character is told by its bytes", async () => {
  const { tokenizer } = target.facts;
  const tokenId = Array.from({ length: 4096 }, (_, id) => id).find(
    (id) => tokenizer.bytesOf(id)?.join() === "195",
  );
  expect(tokenId).toBeDefined();
  const asked = { ...common, max_tokens: 3, logit_bias: { [tokenId ?? -1]: 100 } };
  const completion = await complete(stack.client, { ...asked, prompt, logprobs: 0 });
  expect(logprobsOf(completion)).toMatchObject({
    tokens: ["bytes:\\xc3", "bytes:\\xc3", "bytes:\\xc3"],
    top_logprobs: [null, null, null],
    text_offset: [0, 1, 2],
  });
  // The last one may yet have become a character: a text does not end with a part of one.
  expect(completion.choices[0]?.text).toBe("\uFFFD\uFFFD");
  const { choices } = await chat(stack.client, {
    ...{ ...asked, messages: [...messages], logprobs: true },
  });
  const content = choices[0]?.logprobs?.content ?? [];
  expect(content.map(({ token, bytes }) => ({ token, bytes }))).toEqual(
    Array.from({ length: 3 }, () => ({ token: "\uFFFD", bytes: [195] })),
  );
});
