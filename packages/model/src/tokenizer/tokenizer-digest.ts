import { createHash } from "node:crypto";
import type { TokenizerDocument } from "./tokenizer-files.ts";

/**
 * SHA-256 (hex) of what gives token ids their meaning: model and added tokens of tokenizer.json.
 * The order of keys, the way merges are written and fields at their default do not count.
 */
export function tokenizerDigest(document: TokenizerDocument): string {
  const { vocab, merges = [], ...settings } = document.model;
  const canonical = {
    settings: canonicalFields(settings),
    vocab: Array.isArray(vocab) ? vocab : Object.entries(vocab).sort((a, b) => a[1] - b[1]),
    merges: merges.map((merge) => (typeof merge === "string" ? merge.split(" ") : merge)),
    addedTokens: document.added_tokens.toSorted((a, b) => a.id - b.id).map(canonicalFields),
  };
  return createHash("sha256").update(JSON.stringify(canonical)).digest("hex");
}

/** Fields in one order, without those that say "no" in any of the ways files say it. */
function canonicalFields(fields: Readonly<Record<string, unknown>>): [string, unknown][] {
  return (
    Object.entries(fields)
      // Dropout is for training a model, not for using its tokenizer.
      .filter(([key]) => key !== "dropout")
      .filter(([, value]) => value != null && value !== false && value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1))
  );
}

/** SHA-256 (hex) of all tokens in the order of their ids; an id without a token counts as such. */
export function vocabularyDigest(
  vocabSize: number,
  tokenOf: (tokenId: number) => string | undefined,
): string {
  const hash = createHash("sha256");
  for (let id = 0; id < vocabSize; id++) hash.update(`${JSON.stringify(tokenOf(id) ?? null)}\n`);
  return hash.digest("hex");
}
