import { Text } from "@adaedl/core";
import { type BlockSlabs, blockSizeOf, type CacheTensor, type Place } from "./block-slabs.ts";
import type { SlotCache } from "./slot-cache.ts";

/**
 * The cache of a session, by blocks of columns. Columns from the length on hold leftovers that are masked out
 * (weight 0): rolling back is setting the length.
 */
export class BlockCache implements SlotCache {
  readonly text = new Text();
  readonly #slabs: BlockSlabs;
  #place: Place;
  /** Blocks of the place that were written to. */
  #numWritten = 0;

  constructor(slabs: BlockSlabs, length = 0) {
    this.#slabs = slabs;
    this.#place = slabs.take(this.#numBlocks(Math.max(1, length)));
  }

  /** Where its blocks lie until more room is reserved. */
  get place(): Place {
    return this.#place;
  }

  copy(): BlockCache {
    const other = new BlockCache(this.#slabs, this.text.length);
    this.#copyTo(other.#place);
    other.#numWritten = this.#numBlocks(this.text.length);
    for (const tokenId of this.text.tokenIds) other.text.append(tokenId);
    return other;
  }

  rollBack(length: number): void {
    this.text.truncate(length);
  }

  close(): void {
    this.#slabs.giveBack(this.#place, this.#numWritten);
  }

  /** Makes room for `length` columns; what is committed moves along. */
  reserve(length: number): void {
    const numBlocks = this.#numBlocks(length);
    const from = this.#place;
    if (numBlocks <= from.slab.capacity) return;
    const to = this.#slabs.take(numBlocks);
    this.#copyTo(to);
    this.#slabs.giveBack(from, this.#numWritten);
    this.#place = to;
    this.#numWritten = this.#numBlocks(this.text.length);
  }

  /**
   * Commits the rows of tokens behind the columns that there are, in room that is reserved.
   * @param rows keys of each layer, then values: [2 numLayers, tokens of the forward, numKeyValueHeads, headDim]
   * @param firstRow which of them is the first token's
   */
  commit(tokenIds: readonly number[], rows: CacheTensor, firstRow: number): void {
    const { columnBlock, numKeyValueHeads, headDim } = this.#slabs.shape;
    const { slab } = this.#place;
    const begin = this.#offset(this.#place);
    const rowsSize = rows.length / slab.tensors.length;
    slab.tensors.forEach((target, at) => {
      let from = at * rowsSize + firstRow * numKeyValueHeads * headDim;
      for (let index = 0; index < tokenIds.length; index++) {
        const position = this.text.length + index;
        const column = position % columnBlock;
        let to = begin + ((position - column) * numKeyValueHeads + column) * headDim;
        for (let head = 0; head < numKeyValueHeads; head++) {
          target.set(rows.subarray(from, from + headDim), to);
          from += headDim;
          to += columnBlock * headDim;
        }
      }
    });
    for (const tokenId of tokenIds) this.text.append(tokenId);
    this.#numWritten = Math.max(this.#numWritten, this.#numBlocks(this.text.length));
  }

  #copyTo(to: Place): void {
    const size = this.#numBlocks(this.text.length) * blockSizeOf(this.#slabs.shape);
    const begin = this.#offset(this.#place);
    this.#place.slab.tensors.forEach((tensor, at) => {
      to.slab.tensors[at]?.set(tensor.subarray(begin, begin + size), this.#offset(to));
    });
  }

  #offset({ slab, index }: Place): number {
    return index * slab.capacity * blockSizeOf(this.#slabs.shape);
  }

  #numBlocks(length: number): number {
    return Math.ceil(length / this.#slabs.shape.columnBlock);
  }
}
