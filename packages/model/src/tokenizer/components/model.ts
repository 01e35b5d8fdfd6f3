import * as z from "zod/mini";
import type { TokenizerDocument } from "../tokenizer-files.ts";
import { byteToken, createBpe } from "./bpe.ts";
import { parseComponent } from "./component.ts";
import { type LibraryModel, WordPiece } from "./library.ts";
import { createUnigram } from "./unigram.ts";

/** What encodes a piece of text with the vocabulary. */
export interface VocabularyModel {
  /**
   * The ids of a piece in order, in one part or, where it is long, several: between two of them other work
   * may have its turn. An id is undefined for what the vocabulary cannot express.
   */
  encode(piece: string): Iterable<readonly (number | undefined)[]>;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
}

const optionsSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("BPE"),
    dropout: z.nullish(
      z.number().check(
        z.refine((dropout) => dropout === 0, {
          error: "must be 0, else a text has other ids each time",
        }),
      ),
    ),
    continuing_subword_prefix: z.nullish(
      z
        .string()
        .check(z.refine((prefix) => prefix === "", { error: "must be empty for a BPE model" })),
    ),
    unk_token: z.nullish(z.string()),
    end_of_word_suffix: z.nullish(z.string()),
    fuse_unk: z.nullish(z.boolean()),
    byte_fallback: z.nullish(z.boolean()),
    ignore_merges: z.nullish(z.boolean()),
  }),
  z.object({
    type: z.literal("Unigram"),
    unk_id: z.nullish(z.int().check(z.nonnegative())),
    byte_fallback: z.nullish(z.boolean()),
  }),
  z.object({ type: z.literal("WordLevel"), unk_token: z.nullish(z.string()) }),
  z.object({
    type: z.literal("WordPiece"),
    unk_token: z._default(z.string(), "[UNK]"),
    continuing_subword_prefix: z._default(z.string(), "##"),
    max_input_chars_per_word: z._default(z.int().check(z.positive(), z.maximum(1_000)), 100),
  }),
]);

/**
 * Creates the model that tokenizer.json describes.
 * @throws Error that names the field, for one that is not supported
 */
export function createModel(model: TokenizerDocument["model"]): VocabularyModel {
  const options = parseComponent("model", optionsSchema, model);
  switch (options.type) {
    case "BPE":
      return openBpe(model, options);
    case "WordPiece":
      return fromLibrary(new WordPiece({ ...model, ...options }));
    case "Unigram":
      return openUnigram(model, options);
    case "WordLevel":
      return createWordLevel(model, options.unk_token);
  }
}

/** How the tokens of a vocabulary are looked up. */
function lookUp(vocab: Iterable<readonly [token: string, id: number]>) {
  const ids = new Map(vocab);
  const tokens = new Map([...ids].map(([token, id]) => [id, token]));
  return {
    idOf: (token: string) => ids.get(token),
    tokenOf: (id: number) => tokens.get(id),
  };
}

// A call for each piece: unknown tokens of neighboring pieces are not fused.
function fromLibrary(library: LibraryModel): VocabularyModel {
  const { idOf, tokenOf } = lookUp(library.tokens_to_ids);
  const encode = (piece: string) => [
    library._call([piece]).map((token) => (token === undefined ? undefined : idOf(token))),
  ];
  return { encode, idOf, tokenOf };
}

function openBpe(
  model: TokenizerDocument["model"],
  options: Extract<z.infer<typeof optionsSchema>, { type: "BPE" }>,
): VocabularyModel {
  const vocab = model.vocab as Record<string, number>;
  if (options.byte_fallback) checkByteTokens((token) => Object.hasOwn(vocab, token));
  return createBpe(vocab, model.merges ?? [], options);
}

function openUnigram(
  model: TokenizerDocument["model"],
  options: Extract<z.infer<typeof optionsSchema>, { type: "Unigram" }>,
): VocabularyModel {
  const vocab = model.vocab as [token: string, logprob: number][];
  const found = lookUp(vocab.map(([token], id) => [token, id]));
  if (options.byte_fallback) checkByteTokens((token) => found.idOf(token) !== undefined);
  return { ...createUnigram(vocab, options), ...found };
}

function createWordLevel(
  { vocab }: TokenizerDocument["model"],
  unknownToken: string | null | undefined,
): VocabularyModel {
  const known = lookUp(Object.entries(vocab as Record<string, number>));
  return { ...known, encode: (piece) => [[known.idOf(piece) ?? known.idOf(unknownToken ?? "")]] };
}

function checkByteTokens(hasToken: (token: string) => boolean): void {
  for (let byte = 0; byte < 256; byte++)
    if (!hasToken(byteToken(byte)))
      throw new Error(`model.byte_fallback must be false without ${byteToken(byte)}, got true`);
}
