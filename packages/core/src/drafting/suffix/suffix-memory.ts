import { SuffixIndex } from "./suffix-index.ts";

/** Of a text, and of a client's past answers, where nobody says otherwise. */
export const defaultSuffixTokens = 16_384;
/** A context and the token after it have at most so many tokens. */
export const suffixDepth = 32;
/** Stands between two texts, and is nobody's token. */
export const separator = -1;

/**
 * The latest tokens of one text or of several, first in first out in halves: where the newer index has half of
 * `maxTokens`, the older one is dropped, and an empty one begins. At most 300 bytes a token.
 */
export class SuffixMemory {
  readonly #maxTokens: number;
  readonly #salt: number;
  #newer: SuffixIndex;
  #older: SuffixIndex | undefined;

  /** @param salt see `SuffixIndex` */
  constructor(maxTokens: number, salt: number) {
    this.#maxTokens = maxTokens;
    this.#salt = salt;
    this.#newer = new SuffixIndex(suffixDepth, salt);
  }

  /** The newer one first. */
  get indexes(): readonly SuffixIndex[] {
    return this.#older === undefined ? [this.#newer] : [this.#newer, this.#older];
  }

  append(tokenId: number): void {
    if (this.#newer.length >= this.#maxTokens / 2) {
      this.#older = this.#newer;
      this.#newer = new SuffixIndex(suffixDepth, this.#salt);
    }
    this.#newer.append(tokenId);
  }

  /** The end of one of several texts. Of long ones the last tokens are enough. */
  appendText(tokenIds: readonly number[]): void {
    for (const tokenId of tokenIds.slice(-this.#maxTokens)) this.append(tokenId);
    this.append(separator);
  }
}
