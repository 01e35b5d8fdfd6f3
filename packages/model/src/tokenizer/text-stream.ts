import type { TextStream } from "@adaedl/core";
import { decodeAll, endsInsideCharacter, type StreamTokenizer } from "./utf8-tail.ts";

export interface TextStreamOptions {
  /** Whether tokens such as eos leave no text; default true. */
  readonly skipSpecialTokens?: boolean;
  /** What stands in front of the first pushed token; only the last few ids are looked at. */
  readonly promptTokenIds?: readonly number[];
}

// The text of a token depends on the tokens before it: a leading space is dropped at the start of
// a text, and a character may be spread over four tokens. Eight are more than enough.
const CONTEXT_TOKENS = 8;
const MAX_WINDOW_TOKENS = 16;

/**
 * Turns token ids into text piece by piece, at a cost per token that does not depend on the length
 * of the text. The pieces joined are `tokenizer.decode` of all ids (behind `promptTokenIds`: of
 * what the ids add to the prompt's text).
 *
 * `push` holds back at most one U+FFFD at the end, which may be the start of a character. The next
 * token either completes it, or proves that it was none: then U+FFFD is handed out. So bytes that
 * never become a character delay the text by one token at most, and a character by its own bytes.
 * `flush` drops an unfinished character; call it once, after the last token.
 */
export function createTextStream(
  tokenizer: StreamTokenizer,
  options: TextStreamOptions = {},
): TextStream {
  const { skipSpecialTokens = true, promptTokenIds = [] } = options;
  // A token without text must not push one with text out of the window.
  const hasText = (tokenId: number) =>
    tokenizer.tokenOf(tokenId) !== undefined &&
    !(skipSpecialTokens && tokenizer.specialTokenIds.has(tokenId));

  // The last few tokens, and how much of their text was handed out.
  let window = lastMatching(promptTokenIds, CONTEXT_TOKENS, hasText);
  const promptTail = endsInsideCharacter(tokenizer, window) ? 1 : 0;
  let numSettled = decodeAll(tokenizer, window).length - promptTail;

  return {
    push(tokenId) {
      if (!hasText(tokenId)) return "";
      window.push(tokenId);
      const text = decodeAll(tokenizer, window);
      const numCertain = text.endsWith("\uFFFD") ? text.length - 1 : text.length;
      const piece = text.slice(numSettled, numCertain);
      numSettled = Math.max(numSettled, numCertain);
      if (window.length >= MAX_WINDOW_TOKENS) {
        const numHeld = text.length - numSettled;
        window = window.slice(-CONTEXT_TOKENS);
        numSettled = decodeAll(tokenizer, window).length - numHeld;
      }
      return piece;
    },
    flush() {
      const text = decodeAll(tokenizer, window);
      const rest = text.slice(numSettled);
      numSettled = text.length;
      return endsInsideCharacter(tokenizer, window) ? "" : rest;
    },
  };
}

function lastMatching(
  tokenIds: readonly number[],
  count: number,
  matches: (tokenId: number) => boolean,
): number[] {
  const found: number[] = [];
  for (let i = tokenIds.length - 1; i >= 0 && found.length < count; i--) {
    const tokenId = tokenIds[i];
    if (tokenId !== undefined && matches(tokenId)) found.unshift(tokenId);
  }
  return found;
}
