import type { ChatTemplate } from "./chat-template.ts";
import type { TokenizerDigests } from "./tokenizer-digest.ts";

export interface EncodeOptions {
  /** Whether the model's own special tokens (usually bos in front) are added; default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** How long patterns and normalizer of the file may hold the thread at a time; default 1,000 ms. */
  readonly maxHoldMs?: number | undefined;
}

export interface DecodeOptions {
  /** Whether tokens such as bos and eos are left out of the text; default true. */
  readonly skipSpecialTokens?: boolean;
}

/** Text to token ids and back, as the model was trained with it. */
export interface ModelTokenizer {
  /** Where its files lie. */
  readonly directory: string;
  /** Highest token id + 1, added tokens included; the model's own logits may be wider (padding). */
  readonly vocabSize: number;
  /** For display: "byte-level BPE", "BPE with byte fallback", "BPE", "Unigram", "WordPiece". */
  readonly kind: string;
  readonly bosTokenId?: number | undefined;
  readonly eosTokenId?: number | undefined;
  readonly specialTokenIds: ReadonlySet<number>;
  /** Absent when the model has none, as base models do. */
  readonly chatTemplate?: ChatTemplate | undefined;
  /** Names everything that text and ids depend on; the way a file is written is left out. */
  readonly digests: TokenizerDigests;
  /**
   * Special tokens that are spelled out in the text ("<|im_end|>") become their ids.
   * @throws AdaedlError `invalid_argument` when the text has a character the vocabulary cannot
   *   express and there is no token for the unknown, or when the file's patterns do not come to an end with it
   *   (see `isTooSlow`)
   */
  encode(text: string, options?: EncodeOptions): number[];
  /**
   * The same ids, a few milliseconds at a time, in turns with other texts, so that a long one does not block
   * the event loop: no longer than its normalizer takes, or `maxHoldMs`.
   * @param options `maxTokens`: a text that has more is not encoded to its end
   * @throws AdaedlError as `encode`, and what the signal was aborted with
   */
  encodeInTurns(
    text: string,
    options?: EncodeOptions & {
      readonly signal?: AbortSignal | undefined;
      readonly maxTokens?: number | undefined;
    },
  ): Promise<number[]>;
  /**
   * The exact text of the ids: no spaces are tidied up. Ids without a token (the padding rows of
   * some models) have no text; bytes that are no character become U+FFFD.
   */
  decode(tokenIds: readonly number[], options?: DecodeOptions): string;
  /** The token as the vocabulary spells it ("Ġthe"), undefined for an id without one. */
  tokenOf(tokenId: number): string | undefined;
  /**
   * What the token is when it stands alone (" the"), in bytes, as it may be a part of a character;
   * special tokens are spelled out. None for an id without a token.
   */
  bytesOf(tokenId: number): Uint8Array;
}
