import { fileURLToPath } from "node:url";
import { openSpeculator, type Speculator } from "@adaedl/engine";
import type { GenerateRequest } from "@adaedl/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCli } from "../e2e/run-cli.ts";
import { generateAt, storyteller } from "../network/start-services.ts";
import { complete, prompt, streamed, textOf } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

/** Where all tests keep the graphs that they build. */
const graphs = fileURLToPath(new URL("../../node_modules/.cache/adaedl", import.meta.url));
let stack: GatewayStack;
let local: Speculator;
beforeAll(async () => {
  stack = await startGatewayStack({ drafts: [{ policy: "static:3" }] });
  const open = (directory: string) => ({ directory, numThreads: 1 });
  local = await openSpeculator({
    target: open(storyteller.target),
    draft: open(storyteller.draft),
  });
});
afterAll(async () => {
  await local?.close();
  await stack?.[Symbol.asyncDispose]();
});

/** The text that the draft service gives without a gateway. */
async function textOverGrpc(request: Omit<GenerateRequest, "prompt">): Promise<string> {
  const textPrompt = { type: "text", text: prompt } as const;
  return (await generateAt(stack.draft.address, { prompt: textPrompt, ...request })).text;
}

async function textLocally(request: Omit<GenerateRequest, "prompt">): Promise<string> {
  const promptTokenIds = local.facts.tokenizer.encode(prompt);
  let text = "";
  for await (const event of local.generate({ promptTokenIds, ...request }))
    if (event.type === "token") text += event.text;
  return text;
}

describe.each([0, 0.8])("at temperature %d", (temperature) => {
  const fields = { prompt, seed: 7, temperature, max_tokens: 24, ignore_eos: true };
  const request = { seed: 7, sampling: { temperature }, maxTokens: 24, ignoreEos: true };

  test("a text is the same whole, streamed, over gRPC and in this process", async () => {
    const { choices } = await complete(stack.client, fields);
    const [{ text = "" } = {}] = choices;
    expect(text.length).toBeGreaterThan(24);
    expect(textOf(await streamed(stack.client, fields))).toBe(text);
    expect(await textOverGrpc(request)).toBe(text);
    expect(await textLocally(request)).toBe(text);
  });

  test("without drafting the text is the same, and nothing is drafted", async () => {
    const drafted = await complete(stack.client, fields);
    const plain = await complete(stack.client, { ...fields, adaedl: { draft: false } });
    expect(plain.choices[0]?.text).toBe(drafted.choices[0]?.text);
    expect(drafted.speculation.drafted).toBeGreaterThan(10);
    expect(plain.speculation).toMatchObject({
      ...{ policy: "none", drafted: 0, accepted: 0, commits: 24, draft_forwards: 0 },
      ...{ acceptance_rate: null, mean_acceptance_length: 1 },
    });
    expect(plain.timings).not.toHaveProperty("draft_n");
  });
});

test.each(["presence_penalty", "frequency_penalty", "repetition_penalty"])(
  "%s changes the text, to that which it gives over gRPC",
  async (name) => {
    const fields = { prompt, seed: 7, temperature: 0, max_tokens: 24, ignore_eos: true };
    const plain = await complete(stack.client, fields);
    const changed = await complete(stack.client, { ...fields, [name]: 1.5 });
    expect(changed.choices[0]?.text).not.toBe(plain.choices[0]?.text);
    const inOurWords = name.replace("_p", "P");
    const sampling = { temperature: 0, [inOurWords]: 1.5 };
    const request = { seed: 7, sampling, maxTokens: 24, ignoreEos: true };
    expect(changed.choices[0]?.text).toBe(await textOverGrpc(request));
  },
);

test("fields of sampling mean what they mean to adaedl generate", async () => {
  const { choices, speculation } = await complete(stack.client, {
    ...{ prompt, seed: 12, max_tokens: 30, top_p: 0.9, top_k: 50 },
    ...{ presence_penalty: 0.5, frequency_penalty: 1, repetition_penalty: 1.2 },
  });
  const { adaedl } = createCli(graphs);
  const { stdout, stderr } = await adaedl([
    ...["generate", "--json", "--prompt", prompt, "--seed", "12", "--max-tokens", "30"],
    ...["--top-p", "0.9", "--top-k", "50", "--presence-penalty", "0.5"],
    ...["--frequency-penalty", "1", "--repetition-penalty", "1.2"],
  ]);
  expect(stderr).not.toMatch(/error/i);
  // The temperature is the one that the target's makers suggest.
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ text: choices[0]?.text, finishReason: choices[0]?.finish_reason },
    ...{ seed: 12, temperature: 0.8 },
  });
  expect(speculation.seed).toBe(12);
});

test("a temperature close to 0 counts as 0.001, and a top_k of -1 keeps all tokens", async () => {
  const fields = { prompt, seed: 7, max_tokens: 12, ignore_eos: true };
  const request = { seed: 7, maxTokens: 12, ignoreEos: true };
  const asked = { ...fields, temperature: 1e-6 };
  const least = await complete(stack.client, { ...fields, temperature: 0.001 });
  expect((await complete(stack.client, asked)).choices[0]?.text).toBe(least.choices[0]?.text);
  expect(await textOverGrpc({ ...request, sampling: { temperature: 1e-6 } })).toBe(
    least.choices[0]?.text,
  );
  const all = await complete(stack.client, { ...fields, temperature: 1, top_k: 0 });
  const minusOne = await complete(stack.client, { ...fields, temperature: 1, top_k: -1 });
  expect(minusOne.choices[0]?.text).toBe(all.choices[0]?.text);
  const sampling = { temperature: 1, topK: -1 };
  expect(await textOverGrpc({ ...request, sampling })).toBe(all.choices[0]?.text);
});

test("rejection gives what it gives over gRPC, with the same policy", async () => {
  const { choices, speculation } = await complete(stack.client, {
    ...{ prompt, seed: 5, temperature: 1, max_tokens: 24, ignore_eos: true },
    adaedl: { verification: "rejection", policy: "static:4" },
  });
  expect(speculation).toMatchObject({ verification: "rejection", policy: "static:4" });
  expect(speculation.drafted).toBeGreaterThan(10);
  const request = { seed: 5, sampling: { temperature: 1 }, maxTokens: 24, ignoreEos: true };
  const chosen = { verification: "rejection", policy: "static:4" } as const;
  expect(choices[0]?.text).toBe(await textOverGrpc({ ...request, ...chosen }));
  expect(choices[0]?.text).not.toBe(await textOverGrpc(request)); // the other rule, the same seed
});

test("a bias of 100 forces its token, one of -100 forbids it", async () => {
  const { tokenizer } = local.facts;
  const [forced = -1, ...more] = tokenizer.encode(" the", { addSpecialTokens: false });
  expect(more).toEqual([]);
  const fields = { prompt, seed: 1, max_tokens: 6, temperature: 1 };
  const only = await complete(stack.client, { ...fields, logit_bias: { [forced]: 100 } });
  expect(only.choices[0]?.text).toBe(" the".repeat(6));
  const [first = -1] = tokenizer.encode(
    (await complete(stack.client, { ...fields, max_tokens: 1, temperature: 0 })).choices[0]?.text ??
      "",
    { addSpecialTokens: false },
  );
  const without = await complete(stack.client, {
    ...{ ...fields, max_tokens: 1, temperature: 0, logit_bias: { [first]: -100 } },
  });
  expect(without.choices[0]?.text).not.toBe(tokenizer.decode([first]));
});

test("max_tokens is 16 where it is left out, and user changes nothing", async () => {
  const fields = { prompt, seed: 3, ignore_eos: true };
  const { usage, choices } = await complete(stack.client, fields);
  expect(usage).toEqual({ prompt_tokens: 8, completion_tokens: 16, total_tokens: 24 });
  expect(choices[0]?.finish_reason).toBe("length");
  const asked = await complete(stack.client, { ...fields, user: "somebody" });
  expect(asked.choices[0]?.text).toBe(choices[0]?.text);
});
