import type { TokenizerComponent, TokenizerDocument } from "./tokenizer-files.ts";

/** The kind of a tokenizer in words, for display. */
export function kindOf({ model, pre_tokenizer, decoder }: TokenizerDocument): string {
  if (model.type !== "BPE") return model.type;
  if (model.byte_fallback) return "BPE with byte fallback";
  const isByteLevel = [pre_tokenizer, decoder].some((component) =>
    hasPart(component, ({ type }) => type === "ByteLevel"),
  );
  return isByteLevel ? "byte-level BPE" : "BPE";
}

/** Highest token id + 1, added tokens included. */
export function vocabSizeOf({ model, added_tokens }: TokenizerDocument): number {
  const { vocab } = model;
  let size = Array.isArray(vocab) ? vocab.length : 0;
  if (!Array.isArray(vocab)) for (const id of Object.values(vocab)) size = Math.max(size, id + 1);
  for (const { id } of added_tokens) size = Math.max(size, id + 1);
  return size;
}

/**
 * The document with these tokens special, as transformers makes those that tokenizer_config.json
 * names. A token that is not in the vocabulary is left out: the model has no embedding for it.
 */
export function withSpecialTokens(
  document: TokenizerDocument,
  tokens: readonly (string | null | undefined)[],
): TokenizerDocument {
  const named = new Set(tokens);
  const added = document.added_tokens.map((token) =>
    named.has(token.content) ? { ...token, special: true } : token,
  );
  const known = new Set(added.map(({ content }) => content));
  for (const content of named) {
    if (content == null || known.has(content)) continue;
    const id = idInVocabulary(document.model.vocab, content);
    if (id !== undefined) added.push({ ...NAMED_TOKEN, id, content });
  }
  return { ...document, added_tokens: added };
}

/** What transformers makes of a token that is only named. */
const NAMED_TOKEN = {
  special: true,
  normalized: false,
  single_word: false,
  lstrip: false,
  rstrip: false,
} as const;

function idInVocabulary(
  vocab: TokenizerDocument["model"]["vocab"],
  token: string,
): number | undefined {
  if (!Array.isArray(vocab)) return Object.hasOwn(vocab, token) ? vocab[token] : undefined;
  const index = vocab.findIndex((entry) => entry[0] === token);
  return index < 0 ? undefined : index;
}

/** Whether a component, or one in the sequence that it is, matches. */
export function hasPart(
  component: TokenizerComponent,
  matches: (part: NonNullable<TokenizerComponent>) => boolean,
): boolean {
  if (component === null) return false;
  const parts = component.pretokenizers ?? component.decoders;
  if (Array.isArray(parts)) return parts.some((part) => hasPart(part, matches));
  return matches(component);
}
