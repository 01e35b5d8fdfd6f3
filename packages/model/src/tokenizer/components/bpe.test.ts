import * as library from "@huggingface/tokenizers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BpeOptions, byteToken, createBpe } from "./bpe.ts";

interface Reference {
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  _call(pieces: readonly string[]): string[];
}
const { BPE } = library as unknown as { readonly BPE: new (config: object) => Reference };
const bytes = Array.from({ length: 256 }, (_, byte) => byteToken(byte));

/** A vocabulary of these letters, and of tokens that are made of two earlier ones. */
function vocabularyOf(letters: readonly string[], joins: readonly (readonly [number, number])[]) {
  const tokens = [...letters];
  const merges: [string, string][] = [];
  for (const [one, other] of joins) {
    const [left, right] = [tokens[one % tokens.length], tokens[other % tokens.length]];
    if (left === undefined || right === undefined) continue;
    merges.push([left, right]);
    if (!tokens.includes(left + right)) tokens.push(left + right);
  }
  return { tokens, merges };
}

const kinds: Readonly<Record<string, BpeOptions>> = {
  plain: {},
  "with whole pieces": { ignore_merges: true },
  "with byte fallback": { byte_fallback: true },
  "with an unknown token": { unk_token: "?" },
  "with fused unknown tokens": { unk_token: "?", fuse_unk: true },
  "with a suffix": { unk_token: "?", end_of_word_suffix: "b" },
};

test.each(Object.entries(kinds))("%s: the ids are those of the library", (_, options) => {
  const index = fc.nat(1_000);
  const join = fc.tuple(index, index);
  const piece = fc.string({ unit: fc.constantFrom(..."abcde🙂x"), maxLength: 40 });
  fc.assert(
    fc.property(fc.array(join, { maxLength: 60 }), fc.array(piece), (joins, pieces) => {
      const { tokens, merges } = vocabularyOf(
        [..."abcde🙂?"].filter((c) => c !== "🙂"),
        joins,
      );
      if (options.byte_fallback) tokens.push(...bytes);
      const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
      const whole = new BPE({ type: "BPE", vocab, merges, ...options });
      // What is left of a piece may be a token, which the piece is not.
      const cut = new BPE({ type: "BPE", vocab, merges, ...options, ignore_merges: false });
      const { encode } = createBpe(vocab, merges, options);
      const isPlain = !options.byte_fallback && options.unk_token === undefined;
      for (const one of pieces) {
        const known = isPlain ? [...one].filter((c) => c in vocab).join("") : one;
        const reference = known === one ? whole : cut;
        const expected = reference
          ._call([known])
          .map((token) => reference.tokens_to_ids.get(token));
        for (const _ of ["computed", "cached"]) expect([...encode(one)].flat()).toEqual(expected);
      }
    }),
    {
      numRuns: 200,
      examples: [
        [
          [
            [3, 3],
            [3, 6],
          ],
          ["ddd🙂"],
        ],
      ],
    },
  );
});

test("a piece of 320 000 letters is encoded in parts of bounded work, 150 000 merges or not", () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const pairs = letters.flatMap((left) => letters.map((right) => left + right));
  const tokens = new Set(letters);
  const merges: [string, string][] = [];
  const merge = (left: string, right: string) => {
    if (merges.length === 150_000 || tokens.has(left + right)) return;
    tokens.add(left + right);
    merges.push([left, right]);
  };
  for (let length = 1; length < 64; length *= 2) merge("a".repeat(length), "a".repeat(length));
  for (const [left = "", right = ""] of pairs) merge(left, right);
  for (const left of pairs) for (const right of pairs) merge(left, right);
  expect(merges).toHaveLength(150_000);
  const vocab = Object.fromEntries([...tokens].map((token, id) => [token, id]));
  const { encode } = createBpe(vocab, merges, {});
  let numParts = 0;
  let numIds = 0;
  for (const part of encode("a".repeat(320_000))) {
    numParts++;
    numIds += part.length;
    if (part.length > 2_048) throw new Error(`a part has ${part.length} ids`);
  }
  expect(numIds).toBe(5_000);
  // A step for each letter, each pair and each merge, and 2048 of them between two parts.
  expect(numParts).toBeGreaterThan((3 * 315_000) / 2_048);
});
