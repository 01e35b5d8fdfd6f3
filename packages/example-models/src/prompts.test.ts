import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { type ExamplePairName, examplePair, examplePairNames, examplePrompts } from "./index.ts";

describe.each(examplePairNames)("examplePrompts(%j)", (name) => {
  const prompts = examplePrompts(name);

  it("holds forty distinct prompts", () => {
    expect(prompts).toHaveLength(40);
    expect(new Set(prompts).size).toBe(40);
  });

  it("holds plain ASCII only", () => {
    const isAscii = (prompt: string) => /^[\n\x20-\x7e]+$/.test(prompt);
    expect(prompts.filter((prompt) => !isAscii(prompt))).toEqual([]);
  });

  it("neither begins nor ends with white space, which would split the next word's token", () => {
    expect(prompts.filter((prompt) => prompt.trim() !== prompt || prompt === "")).toEqual([]);
  });

  it("keeps every prompt within 200 tokens", () => {
    const tokenizer = loadTokenizer(name);
    const lengths = prompts.map((prompt) => tokenizer.encode(prompt).ids.length);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200);
  });

  it("survives a round trip through the pair's tokenizer", () => {
    const tokenizer = loadTokenizer(name);
    const roundTrip = (prompt: string) =>
      tokenizer.decode(tokenizer.encode(prompt).ids, { skip_special_tokens: true });
    expect(prompts.map(roundTrip)).toEqual(prompts);
  });
});

describe("examplePrompts", () => {
  it("keeps each story opening between 8 and 40 words", () => {
    const counts = examplePrompts("storyteller").map((prompt) => prompt.split(/\s+/).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...counts)).toBeLessThanOrEqual(40);
  });

  it("keeps each Python opening between 2 and 12 lines", () => {
    const counts = examplePrompts("coder").map((prompt) => prompt.split("\n").length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...counts)).toBeLessThanOrEqual(12);
  });
});

function loadTokenizer(name: ExamplePairName): Tokenizer {
  const read = (file: string): object =>
    JSON.parse(readFileSync(join(examplePair(name).target, file), "utf8"));
  return new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
}
