import { fromByteLetters } from "./components/byte-letters.ts";
import { hasPart } from "./tokenizer-facts.ts";
import type { TokenizerComponent, TokenizerDocument } from "./tokenizer-files.ts";

/** What is asked of the tokenizer itself. */
interface Tokens {
  tokenOf(tokenId: number): string | undefined;
  /** The text of one token, also of a special one. */
  textOf(tokenId: number): string;
}

const utf8 = new TextEncoder();

/**
 * What each token is when it stands alone, in bytes: a part of a character where the token is that,
 * and with the space in front of a word, which a text would not begin with.
 */
export function createBytesOf(
  { model, added_tokens, pre_tokenizer, decoder }: TokenizerDocument,
  { tokenOf, textOf }: Tokens,
): (tokenId: number) => Uint8Array {
  const addedIds = new Set(added_tokens.map(({ id }) => id));
  const hasFallback = model.byte_fallback === true;
  const isByteLevel =
    !hasFallback && [pre_tokenizer, decoder].some((part) => hasPart(part, isByteLetters));
  const marksSpaces = hasFallback || hasPart(decoder, isSpaceMark);

  return (tokenId) => {
    const token = tokenOf(tokenId);
    if (token === undefined) return new Uint8Array(0);
    if (addedIds.has(tokenId)) return utf8.encode(token);
    if (isByteLevel) return Uint8Array.from(fromByteLetters(token) ?? utf8.encode(token));
    const byte = hasFallback ? /^<0x([0-9A-F]{2})>$/.exec(token)?.[1] : undefined;
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return utf8.encode(marksSpaces ? token.replaceAll("▁", " ") : textOf(tokenId));
  };
}

function isByteLetters({ type }: NonNullable<TokenizerComponent>): boolean {
  return type === "ByteLevel";
}

/** "▁" for a space, as SentencePiece writes it. */
function isSpaceMark(part: NonNullable<TokenizerComponent>): boolean {
  const { type, replacement = "▁", pattern, content } = part;
  if (type === "Metaspace") return replacement === "▁";
  const isMark = (pattern as { String?: string } | undefined)?.String === "▁";
  return type === "Replace" && isMark && content === " ";
}
