import { expect, test } from "vitest";
import type { Json } from "./tokenizer-directory.cases.ts";
import type { TokenizerDocument } from "./tokenizer-files.ts";
import { createPipeline, type TokenizerPipeline } from "./tokenizer-pipeline.ts";

const noFlags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const vocabulary = (tokens: readonly string[]) =>
  Object.fromEntries(tokens.map((token, id) => [token, id]));
const bytes = Array.from({ length: 256 }, (_, byte) => {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
});
const bpe = (tokens: readonly string[], merges: readonly string[] = [], more: Json = {}) => ({
  type: "BPE",
  vocab: vocabulary(tokens),
  merges,
  ...more,
});

function open(parts: Json) {
  const nothing = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return createPipeline({ added_tokens: [], ...nothing, ...parts } as unknown as TokenizerDocument);
}

const idsOf = ({ encodeWords }: TokenizerPipeline, text: string) => [...encodeWords(text)].flat();

function tokensOf(parts: Json, text: string): string {
  const pipeline = open(parts);
  return idsOf(pipeline, text)
    .map((id) => (id === undefined ? "none" : pipeline.tokenOf(id)))
    .join("|");
}

const letters = [..."abcAB ▁"];
const lower = { type: "Lowercase" };
const words = { type: "WhitespaceSplit" };

// Tokens of the reference implementation (`tokenizers` 0.23 in Rust), joined by "|".
test.each<[flags: Json, text: string, tokens: string, normalizer?: Json]>([
  [{}, "aXb X", "a|X|b| |X"],
  [{ single_word: true }, "aX X bX X.", "a| |X| |b| |X"],
  [{ lstrip: true }, "a  X b", "a|X| |b"],
  [{ rstrip: true }, "a X  b", "a| |X|b"],
  [{ lstrip: true, rstrip: true }, "a X X b", "a|X|X|b"],
  [{ rstrip: true }, "X\u0085\u00a0b", "X|b"],
  [{}, "aXb", "a|X|b", lower],
  [{ normalized: true }, "aXbxc", "a|X|b|X|c", lower],
  [{ normalized: true, special: true }, "aXbxc", "a|X|b|X|c", lower],
  [{ normalized: undefined }, "axb", "a|X|b", lower],
  [{ normalized: undefined, special: true }, "axb", "a|b", lower],
])("an added token with %j in %j: %j", (flags, text, tokens, normalizer = undefined) => {
  const added = { id: 20, content: "X", ...noFlags, special: false, ...flags };
  const parts = { model: bpe(letters), added_tokens: [added], normalizer: normalizer ?? null };
  expect(tokensOf(parts, text)).toBe(tokens);
});

test("of added tokens the leftmost counts, then the longest, and normalized ones come second", () => {
  const added = ["ab", "abc", "ca"].map((content, i) => ({
    id: 20 + i,
    content,
    ...noFlags,
    special: false,
  }));
  const model = bpe([..."abc"]);
  expect(tokensOf({ model, added_tokens: added }, "ababcab")).toBe("ab|abc|ab");
  const [short, long, last] = added;
  const normalized = [short, { ...long, normalized: true }, last];
  expect(tokensOf({ model, added_tokens: normalized }, "abca")).toBe("ab|ca");
});

test("a normalized added token comes back as the text in which it is found", () => {
  const pipeline = open({
    model: bpe(letters),
    added_tokens: [{ id: 20, content: "X", ...noFlags, normalized: true, special: false }],
    normalizer: { type: "Prepend", prepend: "▁" },
    decoder: { type: "Replace", pattern: { String: "▁" }, content: " " },
  });
  expect(pipeline.decode([0, 20])).toBe("a X");
});

const unknown = { unk_token: "?" };
const unigram = [
  ["?", 0],
  ["▁", -2],
  ["a", -1.5],
  ["b", -1.6],
  ["ab", -2],
  ["▁a", -2.5],
];
const wordPiece = { type: "WordPiece", vocab: vocabulary(["[UNK]", "a", "##b", "##c", "b"]) };

test.each<[model: Json, pre_tokenizer: Json | null, text: string, tokens: string]>([
  [bpe(["a", "b", "c", "ab", "bc"], ["b c", "a b"]), null, "abcab", "a|bc|ab"],
  [bpe(["a", "b", "ab"], ["a b"]), null, "axb", "ab"],
  [bpe(["?", "a", "b", "ab"], ["a b"], unknown), null, "axyb", "a|?|?|b"],
  [bpe(["?", "a"], [], { ...unknown, fuse_unk: true }), words, "axy z", "a|?|?"],
  [
    bpe(["?", "a", ...bytes], [], { ...unknown, byte_fallback: true }),
    null,
    "aé",
    "a|<0xC3>|<0xA9>",
  ],
  [bpe(["a", "b", "abb"], [], { ignore_merges: true }), words, "abb ab", "abb|a|b"],
  [
    bpe(["?", "a", "b", "b</w>", "ab</w>"], ["a b</w>"], {
      ...unknown,
      end_of_word_suffix: "</w>",
    }),
    words,
    "ab bb",
    "ab</w>|b|b</w>",
  ],
  [{ type: "Unigram", unk_id: 0, vocab: unigram }, null, "▁abxyb", "▁|ab|?|b"],
  [{ type: "Unigram", unk_id: 0, vocab: unigram }, words, "x y", "?|?"],
  [{ type: "Unigram", unk_id: null, vocab: unigram.slice(1) }, null, "ax", "a|none"],
  [
    {
      type: "Unigram",
      unk_id: 0,
      byte_fallback: true,
      vocab: [...unigram, ...bytes.map((byte) => [byte, -9])],
    },
    null,
    "aé",
    "a|<0xC3>|<0xA9>",
  ],
  [wordPiece, words, "abc ba ac", "a|##b|##c|[UNK]|a|##c"],
  [{ ...wordPiece, max_input_chars_per_word: 2 }, words, "abc ab", "[UNK]|a|##b"],
  [{ type: "WordLevel", vocab: vocabulary(["?", "a"]), ...unknown }, words, "a x y", "a|?|?"],
  [{ type: "WordLevel", vocab: vocabulary(["a"]) }, words, "a x", "a|none"],
])("the model %j behind %j reads %j as %j", (model, pre_tokenizer, text, tokens) => {
  expect(tokensOf({ model, pre_tokenizer }, text)).toBe(tokens);
});

const template = (single: Json[]) => ({
  type: "TemplateProcessing",
  single,
  pair: [],
  special_tokens: { s: { id: "s", ids: [7, 8], tokens: ["s", "t"] }, e: { id: "e", ids: [9] } },
});
const [start, text, end] = [
  { SpecialToken: { id: "s", type_id: 0 } },
  { Sequence: { id: "A", type_id: 0 } },
  { SpecialToken: { id: "e", type_id: 0 } },
];
const around = { cls: ["s", 3], sep: ["e", 4] };

test.each<[post_processor: Json | null, before: number[], after: number[]]>([
  [null, [], []],
  [{ type: "ByteLevel" }, [], []],
  [template([start, text, end]), [7, 8], [9]],
  [template([text]), [], []],
  [{ type: "BertProcessing", ...around }, [3], [4]],
  [{ type: "RobertaProcessing", ...around }, [3], [4]],
  [
    {
      type: "Sequence",
      processors: [{ type: "BertProcessing", ...around }, template([start, text])],
    },
    [7, 8, 3],
    [4],
  ],
])("the post-processor %j adds %j and %j", (post_processor, before, after) => {
  expect(open({ model: bpe(["a"]), post_processor }).specialIds).toEqual({ before, after });
});

test("leaves out a merge that makes no token", () => {
  expect(idsOf(open({ model: bpe(["a", "b"], ["a b"]) }), "ab")).toEqual([0, 1]);
});

test.each<[parts: Json, message: string]>([
  [
    { model: bpe(["a"], [], { dropout: 0.1 }) },
    "model.dropout must be 0, else a text has other ids each time, got 0.1",
  ],
  [
    { model: bpe(["a"], [], { continuing_subword_prefix: "##" }) },
    'model.continuing_subword_prefix must be empty for a BPE model, got "##"',
  ],
  [
    { model: bpe(["a", "b"], ["a c"]) },
    'model.merges.0 must join tokens of the vocabulary, got "a c"',
  ],
  [
    { model: bpe(["a"], [], { byte_fallback: true }) },
    "model.byte_fallback must be false without <0x00>, got true",
  ],
  [
    { post_processor: template([start, text, text]) },
    "post_processor.single must have the sequence A once",
  ],
  [
    { post_processor: template([{ SpecialToken: { id: "x" } }, text]) },
    "post_processor.special_tokens must have every token of single",
  ],
  [{ post_processor: { type: "Strange" } }, 'post_processor.type is not supported, got "Strange"'],
  [
    { added_tokens: [{ id: 5, content: "a", ...noFlags, special: true }] },
    'added_tokens.0.id must be 0, the id of "a" in the vocabulary, got 5',
  ],
])("refuses %j", (parts, message) => {
  expect(() => open({ model: bpe(["a"]), ...parts })).toThrow(message);
});
