import type { TextStream } from "./ports.ts";

/**
 * Text of token `id` is `pieces[id]`; a piece that ends in "~" is half a character, which comes out
 * with the next token or at the end.
 */
export function createPieceStream(pieces: readonly string[]): TextStream {
  let half = "";
  return {
    push(tokenId) {
      const text = half + (pieces[tokenId] as string);
      half = text.endsWith("~") ? text : "";
      return half === "" ? text : "";
    },
    flush() {
      const rest = half;
      half = "";
      return rest;
    },
  };
}
