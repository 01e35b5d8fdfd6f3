import { expect, test } from "vitest";
import { createDecoder } from "./decoder.ts";

const sequence = (...decoders: object[]) => ({ type: "Sequence", decoders });
const metaspace = (prepend_scheme: string) => ({
  type: "Metaspace",
  replacement: "▁",
  prepend_scheme,
});
const byteLevel = { type: "ByteLevel" };
const marks = { type: "Replace", pattern: { String: "▁" }, content: " " };
const strip = (start: number, stop: number) => ({ type: "Strip", content: " ", start, stop });

// Texts of the reference implementation (`tokenizers` 0.23 in Rust).
test.each<[object | null, tokens: string[], text: string]>([
  [null, ["a", "b"], "a b"],
  [byteLevel, ["Ġa", "Ã", "©"], " aé"],
  [byteLevel, ["Ã", "日Ġ", "a"], "\ufffd日Ġa"],
  [byteLevel, ["a", "<é>", "b"], "a<é>b"],
  [sequence(byteLevel, { type: "Fuse" }), ["a", "<é>", "b"], "a<é>b"],
  [{ type: "ByteFallback" }, ["a", "<0xC3>", "<0xA9>", "<0xG1>"], "aé<0xG1>"],
  [{ type: "ByteFallback" }, ["<0xEF>", "<0xBB>", "<0xBF>"], "\ufeff"],
  [{ type: "Fuse" }, ["a", "b"], "ab"],
  [marks, ["▁a", "▁▁b"], " a  b"],
  [{ type: "Replace", pattern: { String: "a" }, content: "$&" }, ["ab"], "$&b"],
  [strip(1, 0), ["  a", " b "], " ab "],
  [strip(0, 2), ["a   ", " "], "a "],
  [sequence(marks, { type: "Fuse" }, strip(1, 0)), ["▁▁a", "▁b"], " a b"],
  [metaspace("always"), ["▁a", "▁b"], "a b"],
  [metaspace("always"), ["▁▁", "▁b"], " b"],
  [metaspace("first"), ["▁a", "▁b"], "a b"],
  [metaspace("never"), ["▁a", "▁b"], " a b"],
  [{ type: "Metaspace", replacement: "▁", add_prefix_space: false }, ["▁a"], " a"],
  [{ type: "BPEDecoder", suffix: "</w>" }, ["a", "b</w>", "c</w>"], "ab c"],
  [{ type: "WordPiece", prefix: "##", cleanup: false }, ["do", "##es", "n't", "."], "does n't ."],
  [{ type: "WordPiece", prefix: "##", cleanup: true }, ["##do", "n't", "."], "##don't."],
])("%j makes of %j %j", (component, tokens, text) => {
  expect(createDecoder(component, new Set(["<é>"]))(tokens)).toBe(text);
});

test.each<[object, message: string]>([
  [{ type: "CTC" }, 'decoder.type is not supported, got "CTC"'],
  [
    { type: "Replace", pattern: { Regex: "a+" }, content: "b" },
    'decoder.pattern must be {"String": text}',
  ],
  [sequence({ type: "Strip", content: " ", start: -1, stop: 0 }), "decoder.decoders.0.start"],
])("refuses %j", (component, message) => {
  expect(() => createDecoder(component, new Set())).toThrow(message);
});

test("replacements do not make a token grow without end", () => {
  const twice = { type: "Replace", pattern: { String: "a" }, content: "aa" };
  const decode = createDecoder(sequence(...Array(40).fill(twice)), new Set());
  expect(() => decode(["a"])).toThrow("writes more than 65536 characters");
});
