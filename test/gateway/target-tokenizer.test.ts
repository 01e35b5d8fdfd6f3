import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSpeculator, type Speculator } from "@adaedl/engine";
import { writeTinyModel } from "@adaedl/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chat, complete } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

/** A draft without the target's begin token, and with another chat template. */
const folder = mkdtempSync(join(tmpdir(), "adaedl-gateway-tokenizers-"));
const open = (name: string) => ({
  ...{ directory: join(folder, name), numThreads: 1 },
  cacheDirectory: join(folder, "cache"),
});
let stack: GatewayStack;
let local: Speculator;
beforeAll(async () => {
  const size = { architecture: "llama", contextLength: 128 } as const;
  writeTinyModel(join(folder, "draft"), { ...size, chatTemplate: "{{ 1 }}" });
  writeTinyModel(join(folder, "target"), {
    ...size,
    chatTemplate: "{{ bos_token }}[{{ messages[0].content }}]",
  });
  const file = join(folder, "draft", "tokenizer.json");
  const tokenizer = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...tokenizer, post_processor: null }));
  stack = await startGatewayStack({
    verifier: { target: open("target") },
    drafts: [{ draft: open("draft") }],
  });
  local = await openSpeculator({ target: open("target"), draft: open("draft") });
});
afterAll(async () => {
  await local?.close();
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("prompts and chats are the target's, whatever tokenizer the draft has", async () => {
  const { tokenizer } = local.facts;
  const fields = { model: "target", seed: 4, temperature: 0.8, ignore_eos: true };
  const { choices: texts, usage: ofText } = await complete(stack.client, {
    ...fields,
    ...{ prompt: "Hello world", max_tokens: 20 },
  });
  const { choices: answers, usage: ofChat } = await chat(stack.client, {
    ...fields,
    ...{ messages: [{ role: "user", content: "Hello" }], max_completion_tokens: 20 },
  });
  const told = [
    [ofText?.prompt_tokens, texts[0]?.text],
    [ofChat?.prompt_tokens, answers[0]?.message.content],
  ];
  const prompts = [
    tokenizer.encode("Hello world"),
    tokenizer.encode("<|endoftext|>[Hello]", { addSpecialTokens: false }),
  ];
  for (const [index, promptTokenIds] of prompts.entries()) {
    const request = { seed: 4, sampling: { temperature: 0.8 }, ignoreEos: true, maxTokens: 20 };
    let text = "";
    for await (const event of local.generate({ promptTokenIds, ...request }))
      if (event.type === "token") text += event.text;
    expect(told[index]).toEqual([promptTokenIds.length, text]);
  }
});
