import type { ModelTokenizer } from "./model-tokenizer.ts";

const specialMark = "\u{100}";

/** Names a token by its bytes, a letter for each. Special tokens have keys that no bytes have; "" for an id without a token. */
export function tokenKey({ bytesOf, specialTokenIds }: ModelTokenizer, tokenId: number): string {
  const bytes = Buffer.from(bytesOf(tokenId)).toString("latin1");
  return specialTokenIds.has(tokenId) ? specialMark + bytes : bytes;
}

/** The first id of each token by its key. */
export function idsByBytes(tokenizer: ModelTokenizer): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const key = tokenKey(tokenizer, id);
    if (key !== "" && !ids.has(key)) ids.set(key, id);
  }
  return ids;
}
