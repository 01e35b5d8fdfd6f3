import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { describe, expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import {
  tinyDocuments,
  tokenizerKinds,
  writeDirectory,
  writeTokenizer,
} from "./tokenizer-directory.cases.ts";

async function errorOf(work: Promise<unknown>): Promise<AdaedlError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AdaedlError) return error;
  throw new Error("expected an AdaedlError", { cause: error });
}

describe.each(tokenizerKinds)("%s", (kind) => {
  test.each([
    "",
    " ",
    "the hello world",
    "  two spaces in front, and . spaces ' before n't punctuation !",
    "\uFEFFa byte order mark",
    "日本語 🙂 café e\u0301 \u0000\r\n",
    "a real \uFFFD",
  ])("%j comes back exactly", async (text) => {
    const tokenizer = await loadTokenizer(await writeTokenizer(tinyDocuments(kind)));
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test("bos stands in front once, or not at all when not asked for", async () => {
    const tokenizer = await loadTokenizer(await writeTokenizer(tinyDocuments(kind)));
    const plain = tokenizer.encode("the", { addSpecialTokens: false });
    expect(plain).not.toContain(tokenizer.bosTokenId);
    expect(tokenizer.encode("the")).toEqual([tokenizer.bosTokenId, ...plain]);
  });

  test("add_bos_token adds bos where the template does not, and removes it where it does", async () => {
    const documents = tinyDocuments(kind);
    const { post_processor: template } = documents.tokenizerJson;
    for (const [addBosToken, postProcessor, expected] of [
      [true, null, 1],
      [true, template, 1],
      [false, template, 0],
      [undefined, template, 1],
      [undefined, null, 0],
    ]) {
      documents.tokenizerJson.post_processor = postProcessor;
      documents.tokenizerConfig.add_bos_token = addBosToken;
      const tokenizer = await loadTokenizer(await writeTokenizer(documents));
      const ids = tokenizer.encode("the");
      expect(ids.filter((id) => id === tokenizer.bosTokenId)).toHaveLength(expected);
      expect(ids.slice(expected)).toEqual(tokenizer.encode("the", { addSpecialTokens: false }));
    }
  });

  test("the vocabulary is told apart by size, tokens and special tokens", async () => {
    const { tokenizerJson, tokenizerConfig } = tinyDocuments(kind);
    const last = Object.keys(tokenizerJson.model.vocab).length;
    tokenizerJson.added_tokens.push({ id: last + 4, content: "<|user|>", special: true });
    const tokenizer = await loadTokenizer(await writeTokenizer({ tokenizerJson, tokenizerConfig }));
    expect(tokenizer.vocabSize).toBe(last + 5);
    expect(tokenizer.tokenOf(last)).toBeUndefined();
    expect(tokenizer.tokenOf(last + 4)).toBe("<|user|>");
    expect(tokenizer.specialTokenIds).toContain(last + 4);
    const ids = tokenizer.encode("<|user|>the", { addSpecialTokens: false });
    expect(ids[0]).toBe(last + 4);
    expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toMatch(/^<\|user\|> ?the$/);
  });

  test("ids without a token have no text", async () => {
    const tokenizer = await loadTokenizer(await writeTokenizer(tinyDocuments(kind)));
    const ids = tokenizer.encode("the and");
    expect(tokenizer.decode([1e6, ...ids, -1, tokenizer.vocabSize])).toBe("the and");
    expect(tokenizer.decode([])).toBe("");
  });
});

test("kinds are named", async () => {
  const kindOf = async (document: object) =>
    (await loadTokenizer(await writeDirectory({ "tokenizer.json": document }))).kind;
  const { tokenizerJson } = tinyDocuments("byte-level");
  expect(await kindOf(tokenizerJson)).toBe("byte-level BPE");
  expect(await kindOf(tinyDocuments("byte-fallback").tokenizerJson)).toBe("BPE with byte fallback");
  expect(await kindOf({ model: { vocab: { a: 0 }, merges: [] } })).toBe("BPE");
  expect(await kindOf({ model: { vocab: { a: 0 }, unk_token: "a" } })).toBe("WordPiece");
  expect(await kindOf({ model: { vocab: [["a", -1]], unk_id: 0 } })).toBe("Unigram");
  tokenizerJson.decoder = { type: "Sequence", decoders: [tokenizerJson.decoder] };
  tokenizerJson.pre_tokenizer = null;
  expect(await kindOf(tokenizerJson)).toBe("byte-level BPE");
});

test("without tokenizer_config.json tokenizer.json is enough", async () => {
  const { tokenizerJson } = tinyDocuments("byte-level");
  const tokenizer = await loadTokenizer(await writeDirectory({ "tokenizer.json": tokenizerJson }));
  expect(tokenizer.decode(tokenizer.encode("the hello"))).toBe("the hello");
  expect(tokenizer.bosTokenId).toBeUndefined();
  expect(tokenizer.chatTemplate).toBeUndefined();
});

test("special tokens may be named as objects, and count as special when only named", async () => {
  const documents = tinyDocuments("byte-fallback");
  documents.tokenizerConfig.bos_token = { content: "<s>", lstrip: false };
  documents.tokenizerConfig.additional_special_tokens = ["he"];
  documents.tokenizerJson.added_tokens.pop();
  const tokenizer = await loadTokenizer(await writeTokenizer(documents));
  const { vocab } = documents.tokenizerJson.model;
  expect(tokenizer.bosTokenId).toBe(1);
  expect(tokenizer.eosTokenId).toBe(2);
  expect([...tokenizer.specialTokenIds].sort((a, b) => a - b)).toEqual([0, 1, 2, vocab.he]);
  expect(tokenizer.encode("</s>", { addSpecialTokens: false })).toEqual([2]);
});

test("added tokens inside a sequence of decoders keep their letters", async () => {
  const documents = tinyDocuments("byte-level");
  const content = "<｜begin of sentence｜>";
  const id = Object.keys(documents.tokenizerJson.model.vocab).length;
  documents.tokenizerJson.added_tokens.push({ id, content, special: true });
  documents.tokenizerJson.decoder = {
    type: "Sequence",
    decoders: [documents.tokenizerJson.decoder, { type: "Fuse" }],
  };
  const tokenizer = await loadTokenizer(await writeTokenizer(documents));
  expect(tokenizer.decode([id], { skipSpecialTokens: false })).toBe(content);
});

test("a Metaspace decoder keeps the leading space of a tokenizer that adds none", async () => {
  const { tokenizerJson } = tinyDocuments("byte-fallback");
  const metaspace = { type: "Metaspace", replacement: "▁", add_prefix_space: false };
  const directory = await writeDirectory({
    "tokenizer.json": {
      ...tokenizerJson,
      normalizer: null,
      pre_tokenizer: metaspace,
      decoder: { type: "Sequence", decoders: [metaspace, { type: "ByteFallback" }] },
    },
  });
  const tokenizer = await loadTokenizer(directory);
  for (const text of [" the", "the"])
    expect(tokenizer.decode(tokenizer.encode(text, { addSpecialTokens: false }))).toBe(text);
});

test("any token of the vocabulary counts, also one that JavaScript has a meaning for", async () => {
  const vocab = '{"a": 0, "__proto__": 1, "constructor": 2}';
  const directory = await writeDirectory({
    "tokenizer.json": `{"model": {"type": "WordLevel", "vocab": ${vocab}}}`,
    "tokenizer_config.json": { eos_token: "toString", bos_token: "constructor" },
  });
  const tokenizer = await loadTokenizer(directory);
  expect([0, 1, 2].map(tokenizer.tokenOf)).toEqual(["a", "__proto__", "constructor"]);
  expect(tokenizer.vocabSize).toBe(3);
  expect(tokenizer.bosTokenId).toBe(2);
  expect(tokenizer.eosTokenId).toBeUndefined();
});

describe("refused", () => {
  test("a directory without tokenizer.json", async () => {
    const directory = await writeDirectory({ "tokenizer.model": "" });
    const error = await errorOf(loadTokenizer(directory));
    expect(error.code).toBe("not_found");
    expect(error.message).toBe(
      `${join(directory, "tokenizer.json")} does not exist: only tokenizer.json is supported, ` +
        "not a bare tokenizer.model or vocab.json",
    );
  });

  test.each(["tokenizer.json", "tokenizer_config.json"])("%s that is no JSON", async (name) => {
    const directory = await writeTokenizer(tinyDocuments("byte-level"), { [name]: "{" });
    const error = await errorOf(loadTokenizer(directory));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toBe(`${join(directory, name)} is not valid JSON`);
  });

  test.each([
    [{}, "model is missing"],
    [{ model: { type: "BPE", vocab: { a: 0 } } }, "model.merges: a BPE model needs merges"],
    [
      { model: { type: "BPE", vocab: { a: -1 }, merges: [] } },
      "model.vocab: must be an object of token ids or a list of [token, score], of ids up to 4194303 and tokens of up to 4096 characters",
    ],
    [
      { model: { type: "BPE", vocab: { a: 0 }, merges: ["a"] } },
      'model.merges: must be a list of "left right" or [left, right]',
    ],
    [
      { model: { type: "Unigram", vocab: { a: 0 } } },
      "model.vocab: must be a list for a Unigram model, an object of ids for any other",
    ],
  ])("the document %j", async (document, message) => {
    const directory = await writeDirectory({ "tokenizer.json": document });
    const error = await errorOf(loadTokenizer(directory));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toBe(`${join(directory, "tokenizer.json")}: ${message}`);
  });

  test("parts that are not known", async () => {
    const documents = tinyDocuments("byte-level");
    documents.tokenizerJson.decoder = { type: "Strange" };
    const directory = await writeTokenizer(documents);
    const error = await errorOf(loadTokenizer(directory));
    expect(error.code).toBe("unimplemented");
    expect(error.message).toBe(
      `${join(directory, "tokenizer.json")} is not supported: decoder.type is not supported, got "Strange"`,
    );
  });

  test("add_bos_token without a bos token", async () => {
    const documents = tinyDocuments("byte-level");
    documents.tokenizerConfig.bos_token = "<absent>";
    documents.tokenizerConfig.add_bos_token = true;
    const directory = await writeTokenizer(documents);
    const error = await errorOf(loadTokenizer(directory));
    expect(error.code).toBe("invalid_argument");
    expect(error.message).toBe(
      `${join(directory, "tokenizer_config.json")}: add_bos_token needs a bos_token of the ` +
        'vocabulary, got "<absent>"',
    );
  });

  test("text that the vocabulary cannot express", async () => {
    const { tokenizerJson, tokenizerConfig } = tinyDocuments("byte-level");
    const model = { type: "WordLevel", vocab: { the: 0 } };
    const directory = await writeTokenizer({
      tokenizerJson: { ...tokenizerJson, model, post_processor: null, added_tokens: [] },
      tokenizerConfig: { ...tokenizerConfig, add_bos_token: false },
    });
    const tokenizer = await loadTokenizer(directory);
    expect(tokenizer.encode("the")).toEqual([0]);
    expect(() => tokenizer.encode("cat")).toThrow(
      "the text has characters the tokenizer cannot express, and it has no unknown token",
    );
  });
});
