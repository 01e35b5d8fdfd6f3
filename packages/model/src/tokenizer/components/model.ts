import { z } from "zod";
import type { TokenizerDocument } from "../tokenizer-files.ts";
import { parseComponent } from "./component.ts";
import { BPE, type LibraryModel, Unigram, WordPiece } from "./library.ts";

/** What encodes a piece of text with the vocabulary. */
export interface VocabularyModel {
  /** An id is undefined for what the vocabulary cannot express. */
  encode(piece: string): (number | undefined)[];
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
}

const optionsSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("BPE"),
    dropout: z
      .number()
      .refine((dropout) => dropout === 0, {
        error: "must be 0, else a text has other ids each time",
      })
      .nullish(),
    continuing_subword_prefix: z
      .string()
      .refine((prefix) => prefix === "", { error: "must be empty for a BPE model" })
      .nullish(),
    unk_token: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    fuse_unk: z.boolean().nullish(),
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
  }),
  z.object({
    type: z.literal("Unigram"),
    unk_id: z.int().nonnegative().nullish(),
    byte_fallback: z.boolean().nullish(),
  }),
  z.object({ type: z.literal("WordLevel"), unk_token: z.string().nullish() }),
  z.object({
    type: z.literal("WordPiece"),
    unk_token: z.string().default("[UNK]"),
    continuing_subword_prefix: z.string().default("##"),
    max_input_chars_per_word: z.int().positive().default(100),
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
      return createBpe(model, options);
    case "WordPiece":
      return fromLibrary(new WordPiece({ ...model, ...options }));
    case "Unigram":
      return createUnigram(model, options);
    case "WordLevel":
      return createWordLevel(model, options.unk_token);
  }
}

// A call for each piece: unknown tokens of neighboring pieces are not fused.
function fromLibrary(library: LibraryModel): VocabularyModel {
  const tokens = new Map([...library.tokens_to_ids].map(([token, id]) => [id, token]));
  const idOf = (token: string) => library.tokens_to_ids.get(token);
  return {
    encode: (piece) =>
      library._call([piece]).map((token) => (token === undefined ? undefined : idOf(token))),
    idOf,
    tokenOf: (id) => tokens.get(id),
  };
}

function createBpe(
  model: TokenizerDocument["model"],
  options: Extract<z.infer<typeof optionsSchema>, { type: "BPE" }>,
): VocabularyModel {
  const merges = usableMerges(model);
  if (options.byte_fallback) checkByteTokens(model);
  const known = fromLibrary(new BPE({ ...model, ...options, merges }));
  if (options.byte_fallback || options.unk_token != null || options.end_of_word_suffix)
    return known;
  // What nothing stands for is left out before its neighbors merge.
  const isKnown = (character: string) => known.idOf(character) !== undefined;
  return { ...known, encode: (piece) => known.encode([...piece].filter(isKnown).join("")) };
}

function createUnigram(
  model: TokenizerDocument["model"],
  options: Extract<z.infer<typeof optionsSchema>, { type: "Unigram" }>,
): VocabularyModel {
  const scores = (model.vocab as [string, number][]).map(([, score]) => score);
  const library = new Unigram({ ...model }, undefined);
  // The library also gives the unknown token, where a text spells it out, the score of what is unknown.
  library.scores = scores;
  const known = fromLibrary(library);
  const utf8 = new TextEncoder();
  return {
    ...known,
    encode: (piece) =>
      library._call([piece]).flatMap((token) => {
        const id = known.idOf(token ?? "");
        if (id !== undefined) return [id];
        const byteIds = [...utf8.encode(token)].map((byte) => known.idOf(byteToken(byte)));
        const hasBytes = options.byte_fallback && byteIds.every((byteId) => byteId !== undefined);
        return hasBytes ? byteIds : [options.unk_id ?? undefined];
      }),
  };
}

function createWordLevel(
  { vocab }: TokenizerDocument["model"],
  unknownToken: string | null | undefined,
): VocabularyModel {
  const ids = new Map(Object.entries(vocab as Record<string, number>));
  const tokens = new Map([...ids].map(([token, id]) => [id, token]));
  return {
    encode: (piece) => [ids.get(piece) ?? ids.get(unknownToken ?? "")],
    idOf: (token) => ids.get(token),
    tokenOf: (id) => tokens.get(id),
  };
}

/**
 * Without the merges that make no token, as a vocabulary that was cut leaves them behind: the reference
 * refuses the file, and using them would turn text that can be expressed into unknown tokens.
 */
function usableMerges({ vocab, merges = [] }: TokenizerDocument["model"]) {
  return merges.filter((merge, i) => {
    const [left = "", right = ""] = typeof merge === "string" ? merge.split(" ") : merge;
    for (const token of [left, right])
      if (!Object.hasOwn(vocab, token))
        throw new Error(
          `model.merges.${i} must join tokens of the vocabulary, got ${JSON.stringify(merge)}`,
        );
    return Object.hasOwn(vocab, left + right);
  });
}

function checkByteTokens({ vocab }: TokenizerDocument["model"]): void {
  for (let byte = 0; byte < 256; byte++)
    if (!Object.hasOwn(vocab, byteToken(byte)))
      throw new Error(`model.byte_fallback must be false without ${byteToken(byte)}, got true`);
}

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}
