import { loadTokenizer, type ModelTokenizer } from "@adaedl/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storyteller } from "../network/start-services.ts";
import {
  type CommitDetails,
  complete,
  model,
  prompt,
  type Statistics,
  streamed,
  textOf,
} from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

let stack: GatewayStack;
let tokenizer: ModelTokenizer;
beforeAll(async () => {
  stack = await startGatewayStack({ drafts: [{ policy: "static:3" }] });
  tokenizer = await loadTokenizer(storyteller.target);
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

const other = "It was a dark and";
const fields = { seed: 20, temperature: 0.8, max_tokens: 12, ignore_eos: true };
/** What one prompt alone gives. */
async function textAlone(prompt: string | number[], seed = fields.seed): Promise<string> {
  const { choices } = await complete(stack.client, { ...fields, prompt, seed });
  expect(choices).toHaveLength(1);
  return choices[0]?.text ?? "";
}

describe("a prompt", () => {
  test("of token ids gives what their text gives, alone and in a list", async () => {
    const ids = [prompt, other].map((text) => [...tokenizer.encode(text)]);
    const texts = [await textAlone(prompt), await textAlone(other)];
    expect(texts[0]).not.toBe(texts[1]);
    expect(await textAlone(ids[0] ?? [])).toBe(texts[0]);

    for (const list of [[prompt, other], ids]) {
      const { choices, usage } = await complete(stack.client, { ...fields, prompt: list });
      expect(choices.map(({ index, text }) => ({ index, text }))).toEqual([
        { index: 0, text: texts[0] },
        { index: 1, text: texts[1] },
      ]);
      const numPromptTokens = ids.flat().length;
      expect(usage).toEqual({
        ...{ prompt_tokens: numPromptTokens, completion_tokens: 24 },
        total_tokens: numPromptTokens + 24,
      });
    }
  });

  test("that is empty text is the beginning of a text", async () => {
    const { usage, choices } = await complete(stack.client, { ...fields, prompt: "" });
    expect(usage?.prompt_tokens).toBe(1); // the token that every prompt begins with
    expect(choices[0]?.text).toBe(await textAlone([0]));
  });
});

describe("n choices", () => {
  test("differ, choice i as seed + i alone; the prompt counts once", async () => {
    const answer = await complete(stack.client, { ...fields, prompt, n: 3 });
    const texts = answer.choices.map(({ text }) => text);
    expect(new Set(texts).size).toBe(3);
    for (const [i, text] of texts.entries())
      expect(text).toBe(await textAlone(prompt, fields.seed + i));
    expect(answer.usage).toEqual({ prompt_tokens: 8, completion_tokens: 36, total_tokens: 44 });
    // Each has its own statistics; there are none of all.
    const statistics = answer.choices as unknown as readonly Statistics[];
    expect(statistics.map(({ speculation }) => speculation.seed)).toEqual([20, 21, 22]);
    expect(statistics.map(({ timings }) => timings.predicted_n)).toEqual([12, 12, 12]);
    expect(answer).not.toHaveProperty("speculation");
  });

  test("of several prompts stream side by side and end one by one", async () => {
    const chunks = await streamed(stack.client, {
      ...{ ...fields, prompt: [prompt, other], n: 2 },
      stream_options: { include_usage: true },
    });
    const expected = [
      await textAlone(prompt, 20),
      await textAlone(prompt, 21),
      await textAlone(other, 20),
      await textAlone(other, 21),
    ];
    expect([0, 1, 2, 3].map((index) => textOf(chunks, index))).toEqual(expected);
    const ends = chunks.filter(({ choices }) => choices[0]?.finish_reason === "length");
    expect(ends.map(({ choices }) => choices[0]?.index).toSorted()).toEqual([0, 1, 2, 3]);
    const seedOf = (index: number) =>
      ends.find(({ choices }) => choices[0]?.index === index)?.speculation?.seed;
    expect([0, 1, 2, 3].map(seedOf)).toEqual([20, 21, 20, 21]);
    const numPromptTokens = [prompt, other].flatMap((text) => tokenizer.encode(text)).length;
    expect(chunks.at(-1)?.usage).toEqual({
      ...{ prompt_tokens: numPromptTokens, completion_tokens: 48 },
      total_tokens: numPromptTokens + 48,
    });
  });

  test("at the highest seed go on with 0, 1, …: no two are the same", async () => {
    const seed = Number.MAX_SAFE_INTEGER;
    const answer = await complete(stack.client, { ...fields, prompt, n: 3, seed });
    const statistics = answer.choices as unknown as readonly Statistics[];
    expect(statistics.map(({ speculation }) => speculation.seed)).toEqual([seed, 0, 1]);
  });

  test("are no leak, however many there are", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const { choices } = await complete(stack.client, { ...fields, prompt, n: 24, max_tokens: 1 });
    process.off("warning", note);
    expect(choices.map(({ index }) => index)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(warnings).toEqual([]);
  });

  test("without a seed are told theirs, which give the same texts again", async () => {
    const { seed: _, ...unseeded } = fields;
    const { choices, speculation } = await complete(stack.client, { ...unseeded, prompt });
    expect(await textAlone(prompt, speculation.seed)).toBe(choices[0]?.text);
    const again = await complete(stack.client, { ...unseeded, prompt });
    expect(again.speculation.seed).not.toBe(speculation.seed);
  });
});

describe("statistics", () => {
  test("agree with each other and with usage", async () => {
    const { speculation, timings, usage } = await complete(stack.client, {
      ...{ ...fields, prompt, max_tokens: 40 },
    });
    const { commits, drafted, accepted, duration_ms } = speculation;
    expect(usage).toEqual({ prompt_tokens: 8, completion_tokens: 40, total_tokens: 48 });
    expect(commits + accepted).toBe(40); // a commit brings accepted draft tokens and one more
    expect(accepted).toBeGreaterThan(5);
    expect(drafted).toBeGreaterThan(accepted);
    expect(drafted).toBeLessThanOrEqual(3 * commits);
    expect(speculation.acceptance_rate).toBe(accepted / drafted);
    expect(speculation.mean_acceptance_length).toBe(1 + accepted / commits);
    expect(speculation.target_forwards).toBeGreaterThanOrEqual(commits);
    expect(speculation.target_forwards).toBeLessThan(40);
    expect(speculation.draft_forwards).toBeGreaterThanOrEqual(drafted);
    expect(timings).toEqual({
      ...{ prompt_n: 8, predicted_n: 40, predicted_ms: duration_ms },
      predicted_per_token_ms: duration_ms / 40,
      predicted_per_second: (1000 * 40) / duration_ms,
      ...{ draft_n: drafted, draft_n_accepted: accepted },
    });
    expect(duration_ms).toBeGreaterThan(0);
  });

  test("come with the last event of a choice, usage behind it where it is asked for", async () => {
    const asked = { ...fields, prompt };
    const chunks = await streamed(stack.client, asked);
    expect(chunks.filter((chunk) => "usage" in chunk)).toEqual([]);
    expect(chunks.filter((chunk) => "speculation" in chunk)).toEqual(chunks.slice(-1));
    expect(chunks.at(-1)?.timings).toMatchObject({ prompt_n: 8, predicted_n: 12 });
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ text: "", finish_reason: "length" });
    const whole = await complete(stack.client, asked);
    const { commits, drafted, accepted } = whole.speculation;
    expect(chunks.at(-1)?.speculation).toMatchObject({ commits, drafted, accepted, seed: 20 });

    const withUsage = await streamed(stack.client, {
      ...{ ...asked, stream_options: { include_usage: true } },
    });
    expect(withUsage).toHaveLength(chunks.length + 1);
    expect(withUsage.slice(0, -1).map(({ usage }) => usage)).toEqual(chunks.map(() => null));
    const usage = { prompt_tokens: 8, completion_tokens: 12, total_tokens: 20 };
    expect(withUsage.at(-1)).toMatchObject({ choices: [], usage, model });
    expect(new Set(withUsage.map(({ id, created }) => `${id} ${created}`)).size).toBe(1);
  });

  test("say how a request drafts, each with its own policy", async () => {
    const draftWith = async (adaedl: { policy?: string; max_draft?: number }) => {
      const asked = { ...fields, prompt, adaedl: { ...adaedl, details: true } };
      const answer = await complete(stack.client, asked);
      const { commits } = (
        answer.choices[0] as unknown as { adaedl: { commits: readonly CommitDetails[] } }
      ).adaedl;
      const lengths = commits.map(({ draft_tokens }) => draft_tokens.length);
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(answer.speculation.drafted);
      return { policy: answer.speculation.policy, longest: Math.max(...lengths) };
    };
    expect(await draftWith({})).toEqual({ policy: "static:3", longest: 3 });
    expect(await draftWith({ policy: "static:5" })).toEqual({ policy: "static:5", longest: 5 });
    expect(await draftWith({ max_draft: 2 })).toEqual({ policy: "static:3", longest: 2 });
    expect(await draftWith({ policy: "none" })).toEqual({ policy: "none", longest: 0 });
  });
});
