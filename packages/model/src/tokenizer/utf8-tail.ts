import type { ModelTokenizer } from "./model-tokenizer.ts";

/** What a text stream needs of a tokenizer. */
export type StreamTokenizer = Pick<
  ModelTokenizer,
  "decode" | "specialTokenIds" | "tokenOf" | "vocabSize"
>;

// 0x80 and 0xBF, the first and the last byte that can continue a character: after any lead byte at
// least one of them is allowed. "Ģ" and "¿" are their letters in byte-level vocabularies.
const CONTINUATION_TOKENS = new Set(["<0x80>", "<0xBF>", "Ģ", "¿"]);
const continuationIds = new WeakMap<StreamTokenizer, readonly number[]>();

/**
 * Whether the bytes of the tokens end inside a UTF-8 character, which their text shows as U+FFFD
 * just like a real U+FFFD or a byte that can never be part of a character.
 *
 * @param tokenIds - without special tokens that are to be skipped
 */
export function endsInsideCharacter(
  tokenizer: StreamTokenizer,
  tokenIds: readonly number[],
): boolean {
  const text = decodeAll(tokenizer, tokenIds);
  if (!text.endsWith("\uFFFD")) return false;
  return continuationIdsOf(tokenizer).some((id) => {
    const continued = decodeAll(tokenizer, [...tokenIds, id]);
    // A byte that continues the character changes its U+FFFD or is swallowed by it.
    return continued.length <= text.length || !continued.startsWith(text);
  });
}

/** The text of tokens, special ones spelled out. */
export function decodeAll(tokenizer: StreamTokenizer, tokenIds: readonly number[]): string {
  return tokenizer.decode(tokenIds, { skipSpecialTokens: false });
}

function continuationIdsOf(tokenizer: StreamTokenizer): readonly number[] {
  const known = continuationIds.get(tokenizer);
  if (known !== undefined) return known;
  const ids: number[] = [];
  for (let id = 0; id < tokenizer.vocabSize; id++)
    if (CONTINUATION_TOKENS.has(tokenizer.tokenOf(id) ?? "")) ids.push(id);
  continuationIds.set(tokenizer, ids);
  return ids;
}
