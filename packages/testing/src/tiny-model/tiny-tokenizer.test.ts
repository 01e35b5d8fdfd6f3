import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, test } from "vitest";
import { createTinyTokenizer } from "./tiny-tokenizer.ts";

const TEXTS = [
  "the hello world and the thing",
  "Hello, World! It's 2024.\n\tTabs  and   spaces \r\n",
  "  two spaces in front",
  "café naïve ÀÉÎ ñandú ß",
  "🙂 👩‍👩‍👧 🇩🇪",
  "日本語のテキスト 漢字 한국어",
  "mixed: the 猫 sat – “quoted”\u0000\u00ad\u00a0end",
];

describe.each(["byte-level", "byte-fallback"] as const)("%s", (kind) => {
  const { tokenizerJson, tokenizerConfig, numTokens, bosTokenId, eosTokenId } =
    createTinyTokenizer(kind);
  const tokenizer = new Tokenizer(tokenizerJson, tokenizerConfig);
  const { model } = tokenizerJson as {
    model: { vocab: Record<string, number>; merges: (string | string[])[] };
  };

  test.each(TEXTS)("%j comes back from its tokens", (text) => {
    // The package's types do not resolve under nodenext: without ours, everything is any.
    const ids: number[] = tokenizer.encode(text).ids;
    expect(ids[0]).toBe(bosTokenId);
    expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe(text);
    expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < numTokens)).toBe(true);
  });

  test("every character of a wide range comes back", () => {
    for (let codePoint = 1; codePoint < 0x3000; codePoint += 7) {
      const text = `a${String.fromCodePoint(codePoint)}b`;
      // U+2581 stands for a space in the fallback alphabet, in real files too.
      if (text.includes("▁")) continue;
      const ids: number[] = tokenizer.encode(text).ids;
      expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe(text);
    }
  });

  test("ids are consecutive and every merge has its parts and its result in the vocabulary", () => {
    const ids = Object.values(model.vocab).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: numTokens }, (_, id) => id));
    for (const merge of model.merges) {
      const parts = typeof merge === "string" ? merge.split(" ") : merge;
      expect(parts).toHaveLength(2);
      for (const piece of [...parts, parts.join("")]) expect(model.vocab).toHaveProperty([piece]);
    }
  });

  test("common words are merged into pieces", () => {
    const tokens = tokenizer.tokenize("say the hello and");
    const space = kind === "byte-level" ? "Ġ" : "▁";
    expect(tokens).toContain(`${space}the`);
    expect(tokens).toContain("hell");
    expect(tokens).toContain(`${space}and`);
  });

  test("the end token is special", () => {
    expect(tokenizer.decode([eosTokenId, bosTokenId], { skip_special_tokens: true })).toBe("");
  });
});

test("byte-level ids are the published ones of GPT-2's alphabet, one up", () => {
  const { tokenizerJson, tokenizerConfig } = createTinyTokenizer("byte-level");
  const tokenizer = new Tokenizer(tokenizerJson, tokenizerConfig);
  // In GPT-2 "!" is 0, "A" 32, "Ġ" (a space) 220 and "Ċ" (a line feed) 198.
  expect(tokenizer.encode("!A \n").ids).toEqual([0, 1, 33, 221, 199]);
});

test("byte-fallback ids of bytes start at 3", () => {
  const { tokenizerJson, tokenizerConfig } = createTinyTokenizer("byte-fallback");
  const tokenizer = new Tokenizer(tokenizerJson, tokenizerConfig);
  expect(tokenizer.encode("É").ids).toEqual([1, 259, 3 + 0xc3, 3 + 0x89]);
});
