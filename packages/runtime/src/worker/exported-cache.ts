import { Text } from "@adaedl/core";
import type { CacheShape, SlotCache } from "./slot-cache.ts";

/** Keys or values of one layer. [numKeyValueHeads, capacity, headDim] */
export type CacheTensor = Float32Array;

/**
 * Keys and values of one session, and the tokens they were computed from. Columns from `length` on
 * hold leftovers that are masked out (weight 0): rolling back is setting the length.
 */
export class ExportedCache implements SlotCache {
  readonly shape: CacheShape;
  readonly text = new Text();
  #capacity = 0;
  #keys: CacheTensor[];
  #values: CacheTensor[];

  constructor(shape: CacheShape) {
    this.shape = shape;
    const empty = () => Array.from({ length: shape.numLayers }, () => new Float32Array(0));
    this.#keys = empty();
    this.#values = empty();
  }

  /** Committed columns. */
  get length(): number {
    return this.text.length;
  }

  /** Columns there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  keys(layer: number): CacheTensor {
    return this.#keys[layer] as CacheTensor;
  }

  values(layer: number): CacheTensor {
    return this.#values[layer] as CacheTensor;
  }

  /** Another cache with the same tokens and the same room. */
  copy(): ExportedCache {
    const other = new ExportedCache(this.shape);
    other.#capacity = this.#capacity;
    other.#keys = this.#keys.map((tensor) => tensor.slice());
    other.#values = this.#values.map((tensor) => tensor.slice());
    for (const tokenId of this.text.tokenIds) other.text.append(tokenId);
    return other;
  }

  /** Forgets the columns from `length` on. */
  rollBack(length: number): void {
    this.text.truncate(length);
  }

  close(): void {} // the collector takes it

  /** Makes room for `length` columns; what is committed moves along. */
  reserve(length: number): void {
    if (length <= this.#capacity) return;
    const { columnBlock, numKeyValueHeads, headDim } = this.shape;
    const capacity = Math.ceil(length / columnBlock) * columnBlock;
    const used = this.length * headDim;
    const grown = (old: CacheTensor) => {
      const tensor = new Float32Array(numKeyValueHeads * capacity * headDim);
      for (let head = 0; head < numKeyValueHeads; head++) {
        const from = head * this.#capacity * headDim;
        tensor.set(old.subarray(from, from + used), head * capacity * headDim);
      }
      return tensor;
    };
    this.#keys = this.#keys.map(grown);
    this.#values = this.#values.map(grown);
    this.#capacity = capacity;
  }

  /**
   * Commits one token's row of a layer at column `column`.
   * @param source rows as the graph returns them, headDim values per key/value head
   * @param offset where the row's first head begins in `source`
   * @param headStride from one head of the row to the next
   */
  writeRow(
    target: CacheTensor,
    column: number,
    source: Float32Array,
    offset: number,
    headStride: number,
  ): void {
    const { numKeyValueHeads, headDim } = this.shape;
    for (let head = 0; head < numKeyValueHeads; head++) {
      const from = offset + head * headStride;
      const to = (head * this.#capacity + column) * headDim;
      target.set(source.subarray(from, from + headDim), to);
    }
  }
}
