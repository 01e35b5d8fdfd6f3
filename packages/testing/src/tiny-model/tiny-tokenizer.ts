import { createByteFallbackTokenizer } from "./byte-fallback-tokenizer.ts";
import { createByteLevelTokenizer } from "./byte-level-tokenizer.ts";

/** "byte-level": as GPT-2, Qwen and Llama 3 have it. "byte-fallback": as Llama 2 and Mistral. */
export type TinyTokenizerKind = "byte-level" | "byte-fallback";

/** A small tokenizer that can encode any text, as the documents Hugging Face keeps on disk. */
export interface TinyTokenizer {
  /** Content of tokenizer.json. */
  readonly tokenizerJson: Readonly<Record<string, unknown>>;
  /** Content of tokenizer_config.json, without a chat template. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  /** Token ids run from 0 to numTokens - 1. */
  readonly numTokens: number;
  /** Id of the token that the template puts in front of every text. */
  readonly bosTokenId: number;
  /** Id of the token that ends a text. */
  readonly eosTokenId: number;
}

/** Creates one of the two tokenizers; the same kind is always the same tokenizer. */
export function createTinyTokenizer(kind: TinyTokenizerKind): TinyTokenizer {
  return kind === "byte-level" ? createByteLevelTokenizer() : createByteFallbackTokenizer();
}
