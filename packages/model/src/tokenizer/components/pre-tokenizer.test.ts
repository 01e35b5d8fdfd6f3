import { expect, test } from "vitest";
import { splitBehaviors, splitText } from "./pattern.ts";
import { createPreTokenizer } from "./pre-tokenizer.ts";

const split = (behavior: string, invert = false, pattern: object = { String: " " }) => ({
  type: "Split",
  pattern,
  behavior,
  invert,
});
const sequence = (...pretokenizers: object[]) => ({ type: "Sequence", pretokenizers });
const byteLevel = (add_prefix_space: boolean, use_regex: boolean) => ({
  type: "ByteLevel",
  add_prefix_space,
  trim_offsets: true,
  use_regex,
});
const metaspace = (prepend_scheme: string, more: object = {}) => ({
  type: "Metaspace",
  replacement: "▁",
  prepend_scheme,
  ...more,
});
const GPT4 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

// Pieces of the reference implementation (`tokenizers` 0.23 in Rust), joined by "|".
test.each<[object | null, text: string, pieces: string]>([
  [null, "a b", "a b"],
  [split("Removed"), " a  b", "a|b"],
  [split("Isolated"), " a  b", " |a| | |b"],
  [split("MergedWithPrevious"), " a  b", " |a | |b"],
  [split("MergedWithNext"), " a  b", " a| | b"],
  [split("Contiguous"), " a  b", " |a|  |b"],
  [split("Removed", true), " a  b", " | | "],
  [split("Isolated", true), " a  b", " |a| | |b"],
  [split("MergedWithPrevious", true), " a  b", " a| | b"],
  [split("MergedWithNext", true), " a  b", " |a | |b"],
  [split("Contiguous", true), " a  b", " |a|  |b"],
  [split("Isolated", false, { String: "." }), "a.b", "a|.|b"],
  [split("Removed", false, { Regex: "(a)(b)?" }), "xabya", "x|y"],
  [split("MergedWithPrevious", false, { Regex: "\\d" }), "a12b", "a1|2|b"],
  [
    split("Isolated", false, { Regex: GPT4 }),
    "I'LL pay $1234 now \n",
    "I|'LL| pay| $|123|4| now| \n",
  ],
  [split("Removed", true, { Regex: GPT4 }), "don't  stop", "don|'t| | stop"],
  [{ type: "Punctuation" }, "a,.b", "a|,|.|b"],
  [{ type: "Punctuation", behavior: "Contiguous" }, "a,.b", "a|,.|b"],
  [{ type: "Punctuation", behavior: "Removed" }, "a,.b", "a|b"],
  [{ type: "Punctuation", behavior: "MergedWithPrevious" }, "a,.b", "a,|.|b"],
  [{ type: "Punctuation", behavior: "MergedWithNext" }, "a,.b", "a|,|.b"],
  [{ type: "Punctuation" }, "$a…€", "$|a|…|€"],
  [{ type: "Digits", individual_digits: false }, "a12½b", "a|12½|b"],
  [{ type: "Digits", individual_digits: true }, "a1٣b", "a|1|٣|b"],
  [{ type: "Whitespace" }, "héé_1 a-b\u200d!", "héé_1|a|-|b\u200d|!"],
  [{ type: "WhitespaceSplit" }, "a\u0085b\ufeffc d", "a|b\ufeffc|d"],
  [{ type: "BertPreTokenizer" }, " it's $5", "it|'|s|$|5"],
  [{ type: "CharDelimiterSplit", delimiter: "-" }, "a--b", "a|b"],
  [{ type: "FixedLength", length: 2 }, "a🙂bcd", "a🙂|bc|d"],
  [byteLevel(false, true), "it's  é 12", "it|'s|Ġ|ĠÃ©|Ġ12"],
  [byteLevel(true, true), "a b", "Ġa|Ġb"],
  [byteLevel(true, true), " a", "Ġa"],
  [byteLevel(false, false), "a b", "aĠb"],
  [byteLevel(true, false), "a b", "ĠaĠb"],
  [metaspace("always"), "a  b", "▁a|▁|▁b"],
  [metaspace("always", { split: false }), "a  b", "▁a▁▁b"],
  [metaspace("never"), "a b", "a|▁b"],
  [metaspace("first"), "a b", "▁a|▁b"],
  [metaspace("always"), " a", "▁a"],
  [{ type: "Metaspace", replacement: "▁", add_prefix_space: false }, "a b", "a|▁b"],
  [sequence(split("Isolated"), metaspace("first")), "a b", "▁a|▁|b"],
  [sequence({ type: "WhitespaceSplit" }, metaspace("first")), " a b", "a|b"],
  [sequence({ type: "WhitespaceSplit" }, metaspace("always")), " a b", "▁a|▁b"],
  [sequence({ type: "Digits", individual_digits: true }, byteLevel(true, false)), "a1", "Ġa|Ġ1"],
  [sequence(), "a b", "a b"],
])("%j divides %j into %j", (component, text, pieces) => {
  expect([...createPreTokenizer(component)(text, true)].join("|")).toBe(pieces);
});

test("a prefix for the first text is not put before a later one", () => {
  expect([...createPreTokenizer(metaspace("first"))("a b", false)]).toEqual(["a", "▁b"]);
});

test.each(splitBehaviors)("%s divides a long text as far as its pieces are read", (behavior) => {
  let numSearches = 0;
  class CountingRegExp extends RegExp {
    override exec(text: string) {
      numSearches++;
      return super.exec(text);
    }
  }
  const pieces = splitText("a b ".repeat(1_000), new CountingRegExp(" ", "gu"), behavior);
  expect(pieces.next().done).toBe(false);
  expect(numSearches).toBeLessThan(5);
});

test.each<[object, message: string]>([
  [{ type: "UnicodeScripts" }, 'pre_tokenizer.type is not supported, got "UnicodeScripts"'],
  [
    sequence({ type: "Whitespace" }, { ...split("isolated") }),
    "pre_tokenizer.pretokenizers.1.behavior must be one of Removed, Isolated, MergedWithPrevious, " +
      'MergedWithNext, Contiguous, got "isolated"',
  ],
  [
    { ...split("Isolated"), invert: undefined },
    "pre_tokenizer.invert must be of type boolean, got none",
  ],
  [
    split("Isolated", false, { Glob: "*" }),
    'pre_tokenizer.pattern must be {"String": text} or {"Regex": expression}, got {"Glob":"*"}',
  ],
  [
    split("Isolated", false, { Regex: "(" }),
    "pre_tokenizer.pattern Invalid regular expression: /(/gu: Unterminated group, " +
      'got {"Regex":"("}',
  ],
  [
    metaspace("always", { add_prefix_space: false }),
    'pre_tokenizer.prepend_scheme must be "never" where add_prefix_space is false, got "always"',
  ],
  [
    { type: "Metaspace", replacement: "__", prepend_scheme: "never" },
    'pre_tokenizer.replacement must be one character, got "__"',
  ],
])("refuses %j", (component, message) => {
  expect(() => createPreTokenizer(component)).toThrow(message);
});
