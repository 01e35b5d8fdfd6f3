import { loadTokenizer } from "@adaedl/model";
import { openGenerationClient } from "@adaedl/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storyteller } from "../network/start-services.ts";
import { collect, complete, prompt, streamed, textOf } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

/** A stop string that is complete with an accepted token which is not the last of its block. */
interface StopInBlock {
  readonly stop: string;
  /** The text before it. */
  readonly before: string;
  /** Output tokens up to the one that completes it. */
  readonly numTokens: number;
  /** Output tokens up to the end of the block. */
  readonly blockEnd: number;
}

let stack: GatewayStack;
/** All tokens of the plain text, and what each of them brought. */
let tokenTexts: readonly string[];
let inBlock: StopInBlock;
beforeAll(async () => {
  stack = await startGatewayStack();
  ({ tokenTexts, inBlock } = await findStop());
});
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
});

const numTokens = 40;
const fields = {
  ...{ prompt, seed: 1, temperature: 0, ignore_eos: true, max_tokens: numTokens },
  adaedl: { policy: "static:7" },
};

/** Looks through a text for two accepted tokens of one block, with a third one behind them. */
async function findStop() {
  const tokenizer = await loadTokenizer(storyteller.target);
  const client = openGenerationClient(stack.draft);
  const request = {
    prompt: { type: "text", text: prompt },
    ...{ seed: 1, sampling: { temperature: 0 } },
    ...{ ignoreEos: true, maxTokens: numTokens, policy: "static:7", wantsDetails: true },
  } as const;
  const events = await collect(client.generate(request));
  client.close();
  const tokens = events.flatMap((event) => (event.type === "token" ? [event] : []));
  const texts = tokens.map(({ tokenId }) => tokenizer.decode([tokenId]));
  const whole = texts.join("");
  let start = 0;
  const blocks = events.flatMap((event) => {
    if (event.type !== "commit") return [];
    const block = { start, end: start + event.numAccepted + 1 };
    start = block.end;
    return [block];
  });
  for (const { start, end } of blocks)
    for (let first = start; first + 3 < end; first++) {
      const [one = "", two = ""] = [texts[first], texts[first + 1]];
      const stop = one.slice(-2) + two.slice(0, 2);
      const at = texts.slice(0, first).join("").length + one.length - one.slice(-2).length;
      // Nowhere before, and it begins in one token and is complete with the next.
      if (whole.indexOf(stop) !== at || first < 8 || one.length < 3 || two.length < 3) continue;
      const before = whole.slice(0, at);
      return { tokenTexts: texts, inBlock: { stop, before, numTokens: first + 2, blockEnd: end } };
    }
  throw new Error("no block of this text has a place for a stop string");
}

/** The same request whole and streamed, which must agree. */
async function ask(more: { stop?: string | string[]; max_tokens?: number }) {
  const whole = await complete(stack.client, { ...fields, ...more });
  const chunks = await streamed(stack.client, {
    ...{ ...fields, ...more, stream_options: { include_usage: true } },
  });
  const [{ text = "", finish_reason: reason = undefined } = {}] = whole.choices;
  expect(textOf(chunks)).toBe(text);
  const reasons = chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []);
  expect(reasons).toEqual([reason]);
  expect(chunks.at(-1)?.usage).toEqual(whole.usage);
  expect(whole.timings.predicted_n).toBe(whole.usage?.completion_tokens);
  return { text, reason, numTokens: whole.usage?.completion_tokens };
}

describe("a stop string that ends inside an accepted block", () => {
  test("ends the text before it, and no token behind it counts", async () => {
    const { stop, before, numTokens, blockEnd } = inBlock;
    expect(blockEnd).toBeGreaterThan(numTokens);
    expect(await ask({ stop })).toEqual({ text: before, reason: "stop", numTokens });
    expect(before + stop).toBe(tokenTexts.join("").slice(0, (before + stop).length));
  });

  test("wins over a token limit in the same block, up to the one token before it", async () => {
    const { stop, before, numTokens, blockEnd } = inBlock;
    const stopped = { text: before, reason: "stop", numTokens };
    for (const max_tokens of new Set([numTokens, numTokens + 1, blockEnd]))
      expect(await ask({ stop, max_tokens }), `limit ${max_tokens}`).toEqual(stopped);
    // One token fewer: what could have become the stop string is text.
    expect(await ask({ stop, max_tokens: numTokens - 1 })).toEqual({
      text: tokenTexts.slice(0, numTokens - 1).join(""),
      ...{ reason: "length", numTokens: numTokens - 1 },
    });
  });

  test("ends plain decoding and other policies at the same place", async () => {
    const { stop, before, numTokens } = inBlock;
    for (const policy of ["none", "static:1", "adaedl"]) {
      const answer = await complete(stack.client, { ...fields, stop, adaedl: { policy } });
      expect(answer.choices[0]).toMatchObject({ text: before, finish_reason: "stop" });
      expect(answer.usage?.completion_tokens).toBe(numTokens);
    }
  });

  test("cuts its choice only, not the others", async () => {
    const { stop, before } = inBlock;
    const { choices, usage } = await complete(stack.client, {
      ...{ ...fields, stop, prompt: [prompt, "It was"], max_tokens: inBlock.blockEnd },
    });
    expect(choices[0]).toMatchObject({ text: before, finish_reason: "stop" });
    expect(choices[1]).toMatchObject({ finish_reason: "length" });
    expect(usage?.completion_tokens).toBe(inBlock.numTokens + inBlock.blockEnd);
  });
});

test("of several stop strings the first in the text counts, whatever their order", async () => {
  const { stop, before, numTokens } = inBlock;
  const text = tokenTexts.join("");
  const later = text.slice((before + stop).length); // all that follows
  expect(text.indexOf(later)).toBeGreaterThan(before.length);
  const stopped = { text: before, reason: "stop", numTokens };
  expect(await ask({ stop: ["@never@", later, stop] })).toEqual(stopped);
  expect(await ask({ stop: [stop, later] })).toEqual(stopped);
  // Of two that begin alike, the one that is complete first.
  expect(await ask({ stop: [`${stop}@`, stop] })).toEqual(stopped);
});

test("a stop string that is never complete takes nothing from the text", async () => {
  const text = tokenTexts.join("");
  const expected = { text, reason: "length", numTokens };
  expect(await ask({ stop: "@never@" })).toEqual(expected);
  expect(await ask({ stop: `${text.slice(-5)}@` })).toEqual(expected); // held back to the end
});
