import { expect, test } from "vitest";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { firstDifference } from "./tokenizer-digest.ts";
import {
  type TokenizerDocuments,
  tinyDocuments,
  writeTokenizer,
} from "./tokenizer-directory.cases.ts";
import { mapVocabulary } from "./vocabulary-map.ts";

const load = async (documents: TokenizerDocuments) =>
  loadTokenizer(await writeTokenizer(documents));
const mapped = (target: ModelTokenizer, draft: ModelTokenizer) =>
  mapVocabulary(target, draft, target.vocabSize);
const all = ({ vocabSize }: ModelTokenizer) => Array.from({ length: vocabSize }, (_, id) => id);
const textOf = (tokenizer: ModelTokenizer, ids: readonly number[]) =>
  Buffer.concat(ids.map((id) => tokenizer.bytesOf(id))).toString("latin1");

/** What holds of every map. */
function check(target: ModelTokenizer, draft: ModelTokenizer): void {
  const { shared, toDraft, draftIdOf, commonShare } = mapped(target, draft);
  const common = all(target).filter((id) => draftIdOf(id) !== undefined);
  expect(commonShare).toBeCloseTo(common.length / target.vocabSize, 10);
  expect(new Set(common.map(draftIdOf)).size).toBe(common.length); // one to one
  for (const id of common) expect(toDraft([id])).toEqual([draftIdOf(id)]);
  if ("numSame" in shared) expect(common).toEqual(all(target).slice(0, shared.numSame));
  else {
    expect([...shared.sharedIds]).toEqual(
      common.map((id) => draftIdOf(id)).sort((a, b) => Number(a) - Number(b)),
    );
    for (const [draftId, targetId] of shared.targetIds.entries())
      if (targetId >= 0) expect(draftIdOf(targetId)).toBe(draftId);
      else expect(shared.sharedIds).not.toContain(draftId);
    expect(shared.targetIds.buffer).toBeInstanceOf(SharedArrayBuffer); // goes to a thread as it is
  }
}

test("the same vocabulary written another way has the same digest, and ids that mean the same", async () => {
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
  const { shared, isSame, commonShare } = mapped(first, second);
  expect({ shared, isSame, commonShare }).toEqual({
    shared: { numSame: first.vocabSize },
    isSame: true,
    commonShare: 1,
  });
});

test("other merges of the same tokens change the digest, but ids mean the same", async () => {
  const first = await load(tinyDocuments("byte-level"));
  const documents = tinyDocuments("byte-level");
  documents.tokenizerJson.model.merges.reverse();
  const second = await load(documents);
  expect(firstDifference(first.digests.parts, second.digests.parts)).toBe("model");
  expect(mapped(first, second)).toMatchObject({ isSame: true, commonShare: 1 });
});

test("more tokens after the last one of the other are not shared", async () => {
  const smaller = await load(tinyDocuments("byte-level"));
  const documents = tinyDocuments("byte-level");
  const { vocabSize } = smaller;
  documents.tokenizerJson.added_tokens.push({ id: vocabSize, content: "<the>", special: true });
  const larger = await load(documents);
  for (const [target, draft] of [
    [larger, smaller],
    [smaller, larger],
  ] as const) {
    check(target, draft);
    expect(mapped(target, draft)).toMatchObject({ isSame: true, shared: { numSame: vocabSize } });
  }
  const { toDraft } = mapped(larger, smaller);
  const last = vocabSize - 1;
  expect(toDraft([1, vocabSize, vocabSize + 5, 2])).toEqual([1, last, last, 2]);
});

test("the target's rows bound what is drafted", async () => {
  const tokenizer = await load(tinyDocuments("byte-level"));
  expect(mapVocabulary(tokenizer, tokenizer, 100)).toMatchObject({ shared: { numSame: 100 } });
});

test("two tokens that change places are the same tokens under other ids", async () => {
  const target = await load(tinyDocuments("byte-level"));
  const documents = tinyDocuments("byte-level");
  const { vocab } = documents.tokenizerJson.model;
  [vocab.in, vocab.re] = [vocab.re, vocab.in];
  const draft = await load(documents);
  check(target, draft);
  const { isSame, commonShare, draftIdOf, toDraft } = mapped(target, draft);
  expect({ isSame, commonShare }).toEqual({ isSame: false, commonShare: 1 });
  expect(draftIdOf(vocab.in)).toBe(vocab.re);
  expect(toDraft([vocab.re, 5, vocab.in])).toEqual([vocab.in, 5, vocab.re]);
});

test.each([
  ["byte-level", "byte-fallback"],
  ["byte-fallback", "byte-level"],
] as const)(
  "a target of the kind %s and a draft of the kind %s share the tokens of equal bytes",
  async (kind, other) => {
    const [target, draft] = [await load(tinyDocuments(kind)), await load(tinyDocuments(other))];
    check(target, draft);
    const { shared, isSame, commonShare, draftIdOf, toDraft } = mapped(target, draft);
    expect(isSame).toBe(false);
    expect(shared).toHaveProperty("sharedIds");
    expect(commonShare).toBeGreaterThan(0.5);
    expect(draftIdOf(target.eosTokenId as number)).toBe(draft.eosTokenId);
    for (const id of all(target)) {
      if (target.specialTokenIds.has(id)) continue;
      expect(textOf(draft, toDraft([id]))).toBe(textOf(target, [id]));
      const draftId = draftIdOf(id);
      if (draftId !== undefined) expect(draft.specialTokenIds).not.toContain(draftId);
    }
  },
);

test("a special token is never a token that is spelled like it", async () => {
  const documents = tinyDocuments("byte-level");
  const id = Object.keys(documents.tokenizerJson.model.vocab).length;
  documents.tokenizerJson.added_tokens.push({ id, content: "the", special: true });
  const target = await load(documents);
  const draft = await load(tinyDocuments("byte-fallback"));
  check(target, draft);
  expect(mapped(target, draft).draftIdOf(id)).toBeUndefined();
});
