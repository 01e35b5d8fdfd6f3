import { expect, test } from "vitest";
import { createNormalizer } from "./normalizer.ts";

const bert = (more: object) => ({
  type: "BertNormalizer",
  clean_text: false,
  handle_chinese_chars: false,
  strip_accents: null,
  lowercase: false,
  ...more,
});
const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
const strip = (strip_left: boolean, strip_right: boolean) => ({
  type: "Strip",
  strip_left,
  strip_right,
});

// Texts of the reference implementation (`tokenizers` 0.23 in Rust).
test.each<[object | null, text: string, normalized: string]>([
  [null, " É ", " É "],
  [{ type: "NFC" }, "e\u0301ﬁ", "éﬁ"],
  [{ type: "NFD" }, "éﬁ", "e\u0301ﬁ"],
  [{ type: "NFKC" }, "e\u0301ﬁ①", "éfi1"],
  [{ type: "NFKD" }, "éﬁ①", "e\u0301fi1"],
  [{ type: "Lowercase" }, "ΑΣ İ", "ασ i\u0307"],
  [{ type: "StripAccents" }, "e\u0301a\u0903é", "eaé"],
  [{ type: "Prepend", prepend: "▁" }, "a", "▁a"],
  [{ type: "Prepend", prepend: "▁" }, "", ""],
  [replace({ String: "." }, "$&"), "a.b", "a$&b"],
  [replace({ Regex: "(a)" }, "$1$1"), "ab", "$1$1b"],
  [replace({ Regex: " {2,}" }, " "), "a   b c", "a b c"],
  [strip(true, true), "\u0085 a b \u00a0", "a b"],
  [strip(true, false), "\ufeff a ", "\ufeff a "],
  [strip(true, false), "  a ", "a "],
  [strip(false, true), "  a ", "  a"],
  [{ type: "Nmt" }, "a\u0001\u007fb\u200b\ufeffc\u0085", "ab  c\u0085"],
  [{ type: "ByteLevel" }, "é b", "Ã©Ġb"],
  [bert({ clean_text: true }), "a\u0000\ufffd\u200bb\tc\u3000d", "ab c d"],
  [bert({ handle_chinese_chars: true }), "a中𠀀b", "a 中  𠀀 b"],
  [bert({ lowercase: true }), "É", "e"],
  [bert({ lowercase: true, strip_accents: false }), "É", "é"],
  [bert({ strip_accents: true }), "É", "E"],
  [
    {
      type: "Sequence",
      normalizers: [
        strip(true, true),
        { type: "Prepend", prepend: "▁" },
        replace({ String: " " }, "▁"),
      ],
    },
    " a b ",
    "▁a▁b",
  ],
])("%j makes of %j %j", (component, text, normalized) => {
  expect(createNormalizer(component)(text)).toBe(normalized);
});

test.each<[object, message: string]>([
  [
    { type: "Precompiled", precompiled_charsmap: "" },
    'normalizer.type is not supported, got "Precompiled"',
  ],
  [
    { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Prepend" }] },
    "normalizer.normalizers.1.prepend must be of type string, got none",
  ],
])("refuses %j", (component, message) => {
  expect(() => createNormalizer(component)).toThrow(message);
});

test.each<[form: string, marks: string]>([
  ["NFC", "\u0301\u0323"],
  ["NFD", "\u0301\u0323"],
  ["NFKC", "\u0301\uff9e"],
])("%s refuses more than 1,024 marks in a row, which it would sort for minutes", (type, marks) => {
  const normalize = createNormalizer({ type });
  const text = (numMarks: number) => `a${marks.repeat(numMarks / 2)}`;
  expect(normalize(text(1_024).repeat(3))).toHaveLength(3 * text(1_024).normalize(type).length);
  expect(() => normalize(text(1_026))).toThrow("it has more than 1024 combining marks in a row");
  const bertText = () => createNormalizer(bert({ strip_accents: true }))(text(20_000));
  expect(bertText).toThrow("combining marks in a row");
});
