import * as library from "@huggingface/tokenizers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { byteToken } from "./bpe.ts";
import { createUnigram, type UnigramOptions } from "./unigram.ts";

interface Reference {
  scores: number[];
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  _call(pieces: readonly string[]): string[];
}
const { Unigram } = library as unknown as { readonly Unigram: new (config: object) => Reference };
const bytes = Array.from({ length: 256 }, (_, byte) => byteToken(byte));
const letters = "abc🙂xy";

const kinds: Readonly<Record<string, UnigramOptions>> = {
  "with an unknown token": { unk_id: 0 },
  "without one": { unk_id: null },
  "with byte fallback": { unk_id: 0, byte_fallback: true },
};

test.each(Object.entries(kinds))("%s: the ids are those of the library", (_, options) => {
  const text = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 5 });
  const entry = fc.tuple(text, fc.integer({ min: -40, max: -1 }));
  const piece = fc.string({ unit: fc.constantFrom(...letters), maxLength: 40 });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), fc.array(piece), (entries, pieces) => {
      const vocab: [string, number][] = [["?", 0], ...new Map(entries)];
      if (options.byte_fallback)
        vocab.push(...bytes.map((byte) => [byte, -50] as [string, number]));
      const config = { type: "Unigram", vocab, ...options, unk_id: options.unk_id ?? undefined };
      const reference = new Unigram(config);
      reference.scores = vocab.map(([, logprob]) => logprob);
      const { encode } = createUnigram(vocab, options);
      for (const one of pieces) {
        const expected = reference._call([one]).flatMap((token) => {
          const id = reference.tokens_to_ids.get(token);
          if (id !== undefined) return [id];
          if (!options.byte_fallback) return [options.unk_id ?? undefined];
          return [...Buffer.from(token)].map((byte) =>
            reference.tokens_to_ids.get(byteToken(byte)),
          );
        });
        expect([...encode(one)].flat()).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});

test("a piece of 300 000 characters is encoded in parts of bounded work", () => {
  const tokens = Array.from({ length: 16 }, (_, length) => "a".repeat(length + 1));
  const vocab = tokens.map((token) => [token, -token.length] as const);
  const { encode } = createUnigram([["?", 0], ...vocab], { unk_id: 0 });
  for (const piece of ["a".repeat(300_000), "x".repeat(300_000)]) {
    let numParts = 0;
    for (const part of encode(piece)) {
      expect(part.length).toBeLessThanOrEqual(2_048);
      numParts++;
    }
    expect(numParts).toBeGreaterThan(300);
  }
});
