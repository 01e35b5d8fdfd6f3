import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { createTextStream, type TextStreamOptions } from "./text-stream.ts";
import { tinyDocuments, tokenizerKinds, writeTokenizer } from "./tokenizer-directory.cases.ts";

/** Text of all sorts: words of the vocabulary, spaces, scripts, emoji sequences, combining marks. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 4 }),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom(
        "the",
        " and",
        " ",
        "  ",
        "🙂",
        "👩‍👩‍👧",
        "🇩🇪",
        "日本",
        "e\u0301",
        "\uFEFF",
        "\n",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe.each(tokenizerKinds)("%s", (kind) => {
  let tokenizer: ModelTokenizer;
  let byteIds: readonly number[];
  beforeAll(async () => {
    tokenizer = await loadTokenizer(await writeTokenizer(tinyDocuments(kind)));
    // Ids of the bytes 0 to 255, in the order of the vocabulary.
    const first = kind === "byte-level" ? 1 : 3;
    byteIds = Array.from({ length: 256 }, (_, index) => first + index);
  });
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });
  const idsOfBytes = (...bytes: number[]) =>
    bytes.map((byte) => {
      const letter = kind === "byte-level" ? latinLetterOf(byte) : hexToken(byte);
      return byteIds.find((id) => tokenizer.tokenOf(id) === letter) ?? Number.NaN;
    });
  function stream(ids: readonly number[], options?: TextStreamOptions) {
    const textStream = createTextStream(tokenizer, options);
    const pieces = ids.map((id) => textStream.push(id));
    return { pieces, rest: textStream.flush(), text: pieces.join("") };
  }

  test("the pieces of any text are the text, without a broken character", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = tokenizer.encode(text);
        const { pieces, rest } = stream(ids);
        const joined = pieces.join("") + rest;
        expect(joined).toBe(tokenizer.decode(ids));
        // In sentencepiece vocabularies U+2581 is a space.
        if (!text.includes("▁")) expect(joined).toBe(text);
        if (text.includes("\uFFFD")) return;
        for (const piece of [...pieces, rest]) expect(piece).not.toContain("\uFFFD");
        for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
      }),
      { numRuns: 500 },
    );
  });

  test("a stream that is cut anywhere has shown the start of the text and nothing broken", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, position) => {
        fc.pre(!text.includes("\uFFFD"));
        const ids = encode(text);
        const { text: shown, rest } = stream(ids.slice(0, position % (ids.length + 1)));
        expect(tokenizer.decode(ids).startsWith(shown + rest)).toBe(true);
        expect(shown + rest).not.toContain("\uFFFD");
      }),
      { numRuns: 500 },
    );
  });

  test("behind a prompt the pieces are what the ids add to its text", () => {
    fc.assert(
      fc.property(anyText, anyText, (prompt, text) => {
        const promptTokenIds = tokenizer.encode(prompt);
        const ids = encode(text);
        const { text: shown, rest } = stream(ids, { promptTokenIds });
        const whole = tokenizer.decode([...promptTokenIds, ...ids]);
        expect(tokenizer.decode(promptTokenIds) + shown + rest).toBe(whole);
      }),
      { numRuns: 300 },
    );
  });

  test("the first piece behind a prompt keeps its space", () => {
    const ids = encode("the and");
    const start = encode("the");
    const options = { promptTokenIds: start };
    expect(stream(ids.slice(start.length), options).text).toBe(" and");
  });

  test("any ids at all: never an error, never behind by more than the tail of one character", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 80 }), (ids) => {
        const textStream = createTextStream(tokenizer, { skipSpecialTokens: false });
        let shown = "";
        ids.forEach((id, index) => {
          shown += textStream.push(id);
          const sofar = tokenizer.decode(ids.slice(0, index + 1), { skipSpecialTokens: false });
          expect([sofar, sofar.slice(0, -1)]).toContain(shown);
          expect(sofar.slice(shown.length)).toMatch(/^\uFFFD?$/);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("any bytes at all, for ever: only the last U+FFFD is held back", () => {
    const bytes = fc.array(fc.integer({ min: 0x70, max: 0xff }), { minLength: 40, maxLength: 80 });
    fc.assert(
      fc.property(bytes, (values) => {
        const { text, rest } = stream(idsOfBytes(...values));
        const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(values));
        expect([whole, whole.replace(/\uFFFD$/, "")]).toContain(text + rest);
      }),
      { numRuns: 200 },
    );
    expect(stream(idsOfBytes(...Array<number>(1000).fill(0xff))).text).toHaveLength(999);
  });

  test("a character appears with its last byte", () => {
    expect(stream(idsOfBytes(0xf0, 0x9f, 0x99, 0x82)).pieces).toEqual(["", "", "", "🙂"]);
    expect(stream(idsOfBytes(0xf0, 0x9f, 0xc3, 0xa9)).pieces).toEqual(["", "", "\uFFFD", "é"]);
  });

  // Every length and every lead byte with a rule of its own for the second byte.
  test.each([
    [[0xc3]],
    [[0xe0]],
    [[0xe2, 0x82]],
    [[0xed]],
    [[0xf0]],
    [[0xf0, 0x9f]],
    [[0xf0, 0x9f, 0x99]],
    [[0xf4]],
  ])("the start of a character %j is dropped at the end", (bytes) => {
    const { text, rest } = stream([...encode("the"), ...idsOfBytes(...bytes)]);
    expect(text + rest).toBe("the");
  });

  test("what is truly U+FFFD, or no character, is shown at the end", () => {
    expect(stream([...encode("the"), ...idsOfBytes(0xef, 0xbf, 0xbd)]).rest).toBe("\uFFFD");
    expect(stream([...encode("the"), ...idsOfBytes(0xff)]).rest).toBe("\uFFFD");
    expect(stream([...encode("the"), ...idsOfBytes(0x80)]).rest).toBe("\uFFFD");
  });

  test("a character that the prompt began is completed", () => {
    const promptTokenIds = idsOfBytes(0xe2, 0x82);
    expect(stream(idsOfBytes(0xac), { promptTokenIds }).text).toBe("€");
    const complete = { promptTokenIds: idsOfBytes(0xef, 0xbf, 0xbd) };
    expect(stream(encode("in"), complete).text.trim()).toBe("in");
  });

  test("special tokens have no text, or their own", () => {
    const eos = tokenizer.eosTokenId ?? Number.NaN;
    const ids = [...encode("the"), eos];
    expect(stream(ids).pieces.at(-1)).toBe("");
    expect(stream(ids, { skipSpecialTokens: false }).pieces.at(-1)).toBe(tokenizer.tokenOf(eos));
  });

  test("ids without text do not push the context out", () => {
    const gap = Array<number>(40).fill(tokenizer.vocabSize + 7);
    const words = encode("the and");
    const ids = [...words.slice(0, -1), ...gap, ...words.slice(-1)];
    expect(stream(ids).text).toBe("the and");
  });

  test("the cost of a token does not grow with the text", () => {
    let longest = 0;
    const counting = {
      ...tokenizer,
      decode: (ids: readonly number[], options?: { skipSpecialTokens?: boolean }) => {
        longest = Math.max(longest, ids.length);
        return tokenizer.decode(ids, options);
      },
    };
    const textStream = createTextStream(counting);
    for (const id of encode("the hello world, ÀÉ 🙂 ".repeat(50))) textStream.push(id);
    expect(longest).toBeLessThanOrEqual(16);
  });
});

function hexToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** GPT-2's letter for a byte: its Latin-1 character if visible, else one from U+0100 on. */
function latinLetterOf(byte: number): string {
  const isVisible = (value: number) =>
    (value >= 0x21 && value <= 0x7e) || (value >= 0xa1 && value <= 0xac) || value >= 0xae;
  if (isVisible(byte)) return String.fromCharCode(byte);
  const hidden = Array.from({ length: byte }, (_, value) => value).filter((v) => !isVisible(v));
  return String.fromCharCode(0x100 + hidden.length);
}
