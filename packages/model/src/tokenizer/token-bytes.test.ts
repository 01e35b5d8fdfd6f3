import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import {
  type Json,
  tinyDocuments,
  tokenizerKinds,
  writeDirectory,
  writeTokenizer,
} from "./tokenizer-directory.cases.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const textOf = (bytes: Uint8Array) => utf8.decode(bytes);

/** The bytes of the tokens one after the other, as text. */
function textOfAll(tokenizer: ModelTokenizer, tokenIds: readonly number[]): string {
  return utf8.decode(Buffer.concat(tokenIds.map((tokenId) => tokenizer.bytesOf(tokenId))));
}

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("the", " and", "  ", "é", "🙂", "日本", "\n", "\uFEFF"))
    .map((parts) => parts.join("")),
);

describe.each(tokenizerKinds)("%s", (kind) => {
  const load = async () => loadTokenizer(await writeTokenizer(tinyDocuments(kind)));

  test("the bytes of a text's tokens are the text", async () => {
    const tokenizer = await load();
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = tokenizer.encode(text, { addSpecialTokens: false });
        // SentencePiece puts a space in front, and knows no "▁" but a space.
        const expected =
          kind === "byte-level" || text === "" ? text : ` ${text.replaceAll("▁", " ")}`;
        expect(textOfAll(tokenizer, ids)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("each of the 256 bytes is the token of one", async () => {
    const tokenizer = await load();
    const first = kind === "byte-level" ? 1 : 3;
    const bytes = Array.from({ length: 256 }, (_, index) => tokenizer.bytesOf(first + index));
    expect(bytes.every(({ length }) => length === 1)).toBe(true);
    expect(new Set(bytes.map(([byte]) => byte)).size).toBe(256);
  });

  test("special tokens are spelled out, ids without a token are nothing", async () => {
    const tokenizer = await load();
    const { eosTokenId = Number.NaN } = tokenizer;
    expect(textOf(tokenizer.bytesOf(eosTokenId))).toBe(tokenizer.tokenOf(eosTokenId));
    for (const tokenId of [-1, tokenizer.vocabSize, 1e6])
      expect(tokenizer.bytesOf(tokenId)).toEqual(new Uint8Array(0));
  });

  test("an added token is its own letters, whatever those stand for elsewhere", async () => {
    const { tokenizerJson, tokenizerConfig } = tinyDocuments(kind);
    const id = Object.keys(tokenizerJson.model.vocab).length;
    tokenizerJson.added_tokens.push({ id, content: "<Ġé｜>", special: true });
    const tokenizer = await loadTokenizer(await writeTokenizer({ tokenizerJson, tokenizerConfig }));
    expect(textOf(tokenizer.bytesOf(id))).toBe("<Ġé｜>");
  });
});

describe("kinds without bytes of their own", () => {
  const load = async (document: Json) =>
    loadTokenizer(await writeDirectory({ "tokenizer.json": document }));

  test("a Metaspace vocabulary has its spaces, and <0x41> is text", async () => {
    const tokenizer = await load({
      model: { type: "Unigram", unk_id: 0, vocab: ["<unk>", "▁the", "<0x41>"].map((t) => [t, -1]) },
      decoder: { type: "Metaspace", replacement: "▁" },
    });
    expect([1, 2].map((id) => textOf(tokenizer.bytesOf(id)))).toEqual([" the", "<0x41>"]);
  });

  test("any other is what the decoder makes of it", async () => {
    const tokenizer = await load({
      model: { type: "WordPiece", unk_token: "a", vocab: { a: 0, "▁é": 1 } },
      decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    });
    expect([0, 1].map((id) => textOf(tokenizer.bytesOf(id)))).toEqual(["a", "▁é"]);
  });

  test("a byte-level token with a letter that stands for no byte is its own letters", async () => {
    const { tokenizerJson } = tinyDocuments("byte-level");
    const id = Object.keys(tokenizerJson.model.vocab).length;
    Object.assign(tokenizerJson.model.vocab, { Ġ日: id });
    const tokenizer = await load(tokenizerJson);
    expect(textOf(tokenizer.bytesOf(id))).toBe("Ġ日");
  });
});
