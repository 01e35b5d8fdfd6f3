import { expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import { firstDifference } from "./tokenizer-digest.ts";
import {
  type TokenizerDocuments,
  tinyDocuments,
  writeTokenizer,
} from "./tokenizer-directory.cases.ts";
import { describeTokenizerMismatch, numSharedTokenIds } from "./tokenizer-mismatch.ts";

const load = async (documents: TokenizerDocuments) =>
  loadTokenizer(await writeTokenizer(documents));

test("the same vocabulary written another way has the same digest and no mismatch", async () => {
  const first = await load(tinyDocuments("byte-level"));
  const { tokenizerJson, tokenizerConfig } = tinyDocuments("byte-level");
  const { model } = tokenizerJson;
  const second = await load({
    tokenizerJson: {
      ...tokenizerJson,
      model: {
        merges: model.merges.map((merge: string) => merge.split(" ")),
        vocab: Object.fromEntries(Object.entries(model.vocab).reverse()),
        type: "BPE",
        dropout: 0,
        end_of_word_suffix: "",
      },
    },
    tokenizerConfig,
  });
  expect(second.digests).toEqual(first.digests);
  expect(first.digests.all).toMatch(/^[0-9a-f]{64}$/);
  expect(describeTokenizerMismatch(first, second)).toBeUndefined();
});

test("other merges of the same tokens change the digest, but ids mean the same", async () => {
  const first = await load(tinyDocuments("byte-level"));
  const documents = tinyDocuments("byte-level");
  documents.tokenizerJson.model.merges.reverse();
  const second = await load(documents);
  expect(firstDifference(first.digests.parts, second.digests.parts)).toBe("model");
  expect(describeTokenizerMismatch(first, second)).toBeUndefined();
});

test("more tokens after the last one of the other are no mismatch, and not shared", async () => {
  const smaller = await load(tinyDocuments("byte-level"));
  const documents = tinyDocuments("byte-level");
  const { vocabSize } = smaller;
  documents.tokenizerJson.added_tokens.push({ id: vocabSize, content: "<more>", special: true });
  const larger = await load(documents);
  for (const [target, draft] of [
    [larger, smaller],
    [smaller, larger],
  ] as const) {
    expect(describeTokenizerMismatch(target, draft)).toBeUndefined();
    expect(numSharedTokenIds(target, draft)).toBe(vocabSize);
  }
  expect(numSharedTokenIds(smaller, smaller)).toBe(Number.POSITIVE_INFINITY);
});

test("another vocabulary of another size: the first token that differs is named", async () => {
  const target = await load(tinyDocuments("byte-level"));
  const draft = await load(tinyDocuments("byte-fallback"));
  expect(describeTokenizerMismatch(target, draft)).toMatch(
    /^token \d+ is ".*" for the target, ".*" for the draft$/,
  );
});

test("the first token that differs is named", async () => {
  const target = await load(tinyDocuments("byte-level"));
  const documents = tinyDocuments("byte-level");
  const { vocab } = documents.tokenizerJson.model;
  [vocab.in, vocab.re] = [vocab.re, vocab.in];
  const draft = await load(documents);
  const [smaller, word] = vocab.in < vocab.re ? [vocab.in, "re"] : [vocab.re, "in"];
  const other = word === "re" ? "in" : "re";
  expect(describeTokenizerMismatch(target, draft)).toBe(
    `token ${smaller} is "${word}" for the target, "${other}" for the draft`,
  );
});

test("an id that only one of them uses is named", async () => {
  const documents = tinyDocuments("byte-level");
  const { added_tokens: added } = documents.tokenizerJson;
  const size = Object.keys(documents.tokenizerJson.model.vocab).length;
  added.push({ id: size + 1, content: "<end>", special: true });
  const target = await load(documents);
  added.push({ id: size, content: "<begin>", special: true });
  const draft = await load(documents);
  expect(describeTokenizerMismatch(target, draft)).toBe(
    `token ${size} is unused for the target, "<begin>" for the draft`,
  );
});
