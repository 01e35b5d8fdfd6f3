import type { Text } from "@adaedl/core";

/** Sizes of a key/value cache. */
export interface CacheShape {
  readonly numLayers: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  /** Columns of a block: a cache grows by whole blocks. */
  readonly columnBlock: number;
}

/** What one token's row takes in a cache of this shape. */
export function rowBytesOf({ numLayers, numKeyValueHeads, headDim }: CacheShape): number {
  return 2 * numLayers * numKeyValueHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}

/** Keys and values of one session, and the tokens they were computed from. */
export interface SlotCache {
  readonly text: Text;
  /** Another cache with the same tokens. */
  copy(): SlotCache;
  /** Forgets the columns from `length` on. */
  rollBack(length: number): void;
  /** Gives its memory back. */
  close(): void;
}
