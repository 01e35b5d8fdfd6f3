import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createSpelling } from "./draft-spelling.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { ModelTokenizer } from "./model-tokenizer.ts";
import { tinyDocuments, writeTokenizer } from "./tokenizer-directory.cases.ts";

const kinds = ["byte-level", "byte-fallback"] as const;
const tokenizers = new Map<string, ModelTokenizer>();
beforeAll(async () => {
  for (const kind of kinds)
    tokenizers.set(kind, await loadTokenizer(await writeTokenizer(tinyDocuments(kind))));
});
const tokenizerOf = (kind: string) => tokenizers.get(kind) as ModelTokenizer;
const bytesOf = (tokenizer: ModelTokenizer, ids: readonly number[]) =>
  Buffer.concat(ids.map((id) => tokenizer.bytesOf(id)));
const plain = { addSpecialTokens: false };

describe.each([
  ["byte-level", "byte-fallback"],
  ["byte-fallback", "byte-level"],
])("tokens of the kind %s in those of the kind %s", (targetKind, draftKind) => {
  const spelling = () => {
    const [target, draft] = [tokenizerOf(targetKind), tokenizerOf(draftKind)];
    const special = new Map([[target.eosTokenId, draft.eosTokenId]]);
    return { target, draft, spell: createSpelling(target, draft, (id) => special.get(id)) };
  };

  test("are spelled as the draft's tokenizer would", () => {
    const { target, draft, spell } = spelling();
    for (const words of ["the hello in the re", "there is he"]) {
      const text = ` ${words}`;
      const ids = [text, words].map((one) => draft.encode(one, plain)); // one adds a space itself
      const expected = ids.find((one) => bytesOf(draft, one).equals(Buffer.from(text)));
      const targetIds = [text, words].map((one) => target.encode(one, plain));
      const given = targetIds.find((one) => bytesOf(target, one).equals(Buffer.from(text)));
      expect(spell(given ?? [])).toEqual(expected);
    }
  });

  test("keep every byte, and whatever follows changes the last word at most", () => {
    const { target, draft, spell } = spelling();
    const ordinary = Array.from({ length: target.vocabSize }, (_, id) => id).filter(
      (id) => !target.specialTokenIds.has(id),
    );
    const tokens = fc.array(fc.constantFrom(...ordinary), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(tokens, (ids) => {
        const spelled = spell(ids);
        expect(bytesOf(draft, spelled)).toEqual(bytesOf(target, ids));
        expect(spelled.some((id) => draft.specialTokenIds.has(id))).toBe(false);
        const before = spell(ids.slice(0, -1));
        let numKept = 0;
        while (numKept < before.length && before[numKept] === spelled[numKept]) numKept++;
        expect(bytesOf(draft, before.slice(numKept)).length).toBeLessThanOrEqual(48);
      }),
      { numRuns: 500 },
    );
  });

  test("that are special stand for the draft's of the same role, whatever words are around them", () => {
    const { target, draft, spell } = spelling();
    const [the = []] = [target.encode(" the", plain)];
    const end = target.eosTokenId as number;
    expect(spell([...the, end, ...the])).toEqual([...spell(the), draft.eosTokenId, ...spell(the)]);
  });

  test("are spelled fast, however long a word is", () => {
    const { target, spell } = spelling();
    const [letter = 0] = target.encode("h", plain);
    expect(spell(Array(5_000).fill(letter)).length).toBeGreaterThan(500);
  });
});
