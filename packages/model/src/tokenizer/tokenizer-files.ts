import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import { parseDocument, readJsonIfPresent } from "../directory/read-json.ts";

/** Four times the largest vocabulary published; there are arrays of this length. */
const maxTokenId = (1 << 22) - 1;
/** Characters of one token; the longest published have a few hundred. */
const maxTokenLength = 4_096;
const isTokenId = (id: number) => Number.isInteger(id) && id >= 0 && id <= maxTokenId;
const isToken = (token: string) => token.length <= maxTokenLength;
const tokenId = z.int().check(z.nonnegative(), z.maximum(maxTokenId));
const componentSchema = z._default(z.nullable(z.looseObject({ type: z.string() })), null);
const addedTokenSchema = z.looseObject({
  id: tokenId,
  content: z.string().check(z.maxLength(maxTokenLength)),
  special: z._default(z.boolean(), false),
  single_word: z._default(z.boolean(), false),
  lstrip: z._default(z.boolean(), false),
  rstrip: z._default(z.boolean(), false),
  /** Absent in older files: then a token is normalized unless it is special. */
  normalized: z.optional(z.boolean()),
});
// Checked in place: a schema would copy hundreds of thousands of entries (and lose "__proto__").
const vocabSchema = z.custom<Record<string, number> | [token: string, score: number][]>(
  (vocab) =>
    Array.isArray(vocab)
      ? vocab.length <= maxTokenId &&
        vocab.every(
          (entry) =>
            typeof entry?.[0] === "string" && isToken(entry[0]) && typeof entry[1] === "number",
        )
      : isObject(vocab) &&
        Object.keys(vocab).every(isToken) &&
        Object.values(vocab).every(isTokenId),
  `must be an object of token ids or a list of [token, score], of ids up to ${maxTokenId} and tokens of up to ${maxTokenLength} characters`,
);
const mergesSchema = z.custom<(string | [left: string, right: string])[]>(
  (merges) =>
    Array.isArray(merges) &&
    merges.every((merge) =>
      typeof merge === "string"
        ? merge.includes(" ") && merge.indexOf(" ") === merge.lastIndexOf(" ")
        : merge?.length === 2,
    ),
  'must be a list of "left right" or [left, right]',
);
const modelSchema = z
  .pipe(
    z.looseObject({
      type: z.optional(z.enum(["BPE", "Unigram", "WordPiece", "WordLevel"])),
      vocab: vocabSchema,
      merges: z.optional(mergesSchema),
      byte_fallback: z.nullish(z.boolean()),
    }),
    // Early files leave the type out.
    z.transform((model) => ({ ...model, type: model.type ?? guessType(model) })),
  )
  .check(
    z.refine(({ type, merges }) => type !== "BPE" || merges !== undefined, {
      path: ["merges"],
      error: "a BPE model needs merges",
    }),
    z.refine(({ type, vocab }) => (type === "Unigram") === Array.isArray(vocab), {
      path: ["vocab"],
      error: "must be a list for a Unigram model, an object of ids for any other",
    }),
  );
const tokenizerSchema = z.looseObject({
  added_tokens: z._default(z.array(addedTokenSchema), []),
  normalizer: componentSchema,
  pre_tokenizer: componentSchema,
  post_processor: componentSchema,
  decoder: componentSchema,
  model: modelSchema,
});

// A special token is its text or, in older files, a description of how to match it.
const namedToken = z.pipe(
  z.nullish(z.union([z.string(), z.looseObject({ content: z.string() })])),
  z.transform((token) => (typeof token === "object" ? token?.content : token)),
);
const tokenizerConfigSchema = z.object({
  bos_token: namedToken,
  eos_token: namedToken,
  unk_token: namedToken,
  pad_token: namedToken,
  sep_token: namedToken,
  cls_token: namedToken,
  mask_token: namedToken,
  additional_special_tokens: z.nullish(z.array(namedToken)),
  add_bos_token: z.nullish(z.boolean()),
  chat_template: z.nullish(
    z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]),
  ),
});

/** tokenizer.json as Hugging Face's `tokenizers` writes it; parts that are left out are null. */
export type TokenizerDocument = z.infer<typeof tokenizerSchema>;
export type TokenizerComponent = TokenizerDocument["decoder"];
/** The fields of tokenizer_config.json that matter here; each may be absent. */
export type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>;

/**
 * Reads tokenizer.json of a model directory.
 * @throws AdaedlError `not_found` without the file, `invalid_argument` for a bad field
 */
export async function readTokenizerDocument(directory: string): Promise<TokenizerDocument> {
  const file = join(directory, "tokenizer.json");
  const json = await readJsonIfPresent(file);
  if (json === undefined) {
    const rule = "only tokenizer.json is supported, not a bare tokenizer.model or vocab.json";
    throw new AdaedlError("not_found", `${file} does not exist: ${rule}`, { field: file });
  }
  return parseDocument(file, json, tokenizerSchema);
}

/**
 * Reads tokenizer_config.json of a model directory; without the file nothing is configured.
 * @throws AdaedlError `invalid_argument` for a bad field
 */
export async function readTokenizerConfig(directory: string): Promise<TokenizerConfig> {
  const file = join(directory, "tokenizer_config.json");
  return parseDocument(file, (await readJsonIfPresent(file)) ?? {}, tokenizerConfigSchema);
}

/** The special tokens that a configuration names, by their key there ("bos_token"). */
export function namedSpecialTokens(config: TokenizerConfig): Readonly<Record<string, string>> {
  const { bos_token, eos_token, unk_token, pad_token, sep_token, cls_token, mask_token } = config;
  const all = { bos_token, eos_token, unk_token, pad_token, sep_token, cls_token, mask_token };
  return Object.fromEntries(
    Object.entries(all).filter((entry) => typeof entry[1] === "string"),
  ) as Record<string, string>;
}

function guessType(model: { readonly vocab: unknown; readonly merges?: unknown }) {
  if (model.merges !== undefined) return "BPE";
  return Array.isArray(model.vocab) ? "Unigram" : "WordPiece";
}

function isObject(value: unknown): value is Record<string, number> {
  return typeof value === "object" && value !== null;
}
