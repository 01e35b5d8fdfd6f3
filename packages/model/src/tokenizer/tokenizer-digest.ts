import { createHash } from "node:crypto";
import type { TemplateSources } from "./chat-template.ts";
import { vocabSizeOf } from "./tokenizer-facts.ts";
import type { TokenizerConfig, TokenizerDocument } from "./tokenizer-files.ts";

/** What a tokenizer consists of; differences are named in this order. */
export const tokenizerParts = [
  "vocabulary",
  "added_tokens",
  "model",
  "normalizer",
  "pre_tokenizer",
  "post_processor",
  "decoder",
  "special_tokens",
  "chat_template",
] as const;
export type TokenizerPart = (typeof tokenizerParts)[number];

/** SHA-256 (hex) of a tokenizer. Two with the same `all` turn every text into the same ids and back. */
export interface TokenizerDigests {
  readonly all: string;
  readonly parts: Readonly<Record<TokenizerPart, string>>;
}

/** What a tokenizer is loaded from, as it was read. */
export interface TokenizerSources {
  readonly document: TokenizerDocument;
  readonly config: TokenizerConfig;
  readonly templates: TemplateSources;
}

/**
 * Digests everything that the tokenizer is loaded from. The order of keys, the way merges are written
 * and model settings at their default do not count.
 */
export function digestTokenizer({
  document,
  config,
  templates,
}: TokenizerSources): TokenizerDigests {
  const { model, added_tokens, normalizer, pre_tokenizer, post_processor, decoder } = document;
  const { chat_template: _, ...specialTokens } = config;
  const parts = {
    vocabulary: digestOf(tokensById(document)),
    added_tokens: digestOf(canonical(added_tokens.toSorted((a, b) => a.id - b.id))),
    model: digestOf(canonicalModel(model)),
    normalizer: digestOf(canonical(normalizer)),
    pre_tokenizer: digestOf(canonical(pre_tokenizer)),
    post_processor: digestOf(canonical(post_processor)),
    decoder: digestOf(canonical(decoder)),
    special_tokens: digestOf(canonical(specialTokens)),
    chat_template: digestOf(templates.all),
  };
  return { all: digestOf(parts), parts };
}

/**
 * The first part in which two tokenizers differ, in words.
 * @returns undefined when they are the same
 */
export function firstDifference(
  target: TokenizerDigests["parts"],
  draft: TokenizerDigests["parts"],
): string | undefined {
  return tokenizerParts.find((part) => target[part] !== draft[part])?.replaceAll("_", " ");
}

/** All tokens by id; an id without a token is null. */
function tokensById(document: TokenizerDocument): (string | null)[] {
  const tokens: (string | null)[] = new Array(vocabSizeOf(document)).fill(null);
  const { vocab } = document.model;
  if (Array.isArray(vocab))
    vocab.forEach(([token], id) => {
      tokens[id] = token;
    });
  else for (const token of Object.keys(vocab)) tokens[vocab[token] as number] = token;
  for (const { id, content } of document.added_tokens) tokens[id] = content;
  return tokens;
}

function canonicalModel({ vocab, merges = [], ...settings }: TokenizerDocument["model"]) {
  return [
    // Dropout is for training a model, not for using its tokenizer.
    canonical({
      ...(settings.type === "BPE" ? withoutNo(settings) : settings),
      dropout: undefined,
    }),
    // Of a Unigram model the scores; of others the tokens that share an id, too.
    Array.isArray(vocab) ? vocab : Object.entries(vocab).sort((a, b) => a[1] - b[1]),
    merges.map((merge) => (typeof merge === "string" ? merge.split(" ") : merge)),
  ];
}

/** Without the fields that say "no" in any of the ways files of BPE models say it. */
function withoutNo(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== false && value !== ""),
  );
}

/** Keys in one order; a field that is null counts as absent. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, field]) => field != null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => [key, canonical(field)]);
}

function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex");
}
