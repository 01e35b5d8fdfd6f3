import type { CacheShape } from "./slot-cache.ts";

/** Keys or values of one layer. */
export type CacheTensor = Float32Array;

/** Blocks of all places of a slab, save where places are large. */
const blocksPerSlab = 32;
const maxPlaces = 16;
/**
 * Bytes of slabs that are kept without a session. To make one costs more than a forward of a small model: its memory is
 * cleared, and so much of it makes the garbage collector run.
 */
const maxIdleBytes = 64 * 2 ** 20;

/**
 * Memory for the caches of several sessions of one capacity, so that those of neighbours are one tensor. A block is
 * [numKeyValueHeads, columnBlock, headDim]. Pages are only taken once they are written to.
 */
export interface Slab {
  /** Blocks of each place. */
  readonly capacity: number;
  readonly numPlaces: number;
  /** Keys of each layer, then values of each layer: [numPlaces, capacity blocks] */
  readonly tensors: readonly CacheTensor[];
}

/** Where the cache of a session lies. */
export interface Place {
  readonly slab: Slab;
  readonly index: number;
}

/** Numbers of a block, of keys or of values of a layer. */
export function blockSizeOf({ numKeyValueHeads, columnBlock, headDim }: CacheShape): number {
  return numKeyValueHeads * columnBlock * headDim;
}

/**
 * Room for so many blocks: 1, 2, 3, 4, 6, 8, 12, 16, 24, ... Sessions of one capacity can attend together, and each
 * of them then computes all blocks of it.
 */
export function capacityFor(numBlocks: number): number {
  if (numBlocks <= 2) return numBlocks;
  const power = 2 ** Math.ceil(Math.log2(numBlocks));
  return numBlocks <= power * 0.75 ? power * 0.75 : power;
}

/** The slabs of a model. */
export class BlockSlabs {
  readonly shape: CacheShape;
  /** Each with the places that are taken. */
  readonly #slabs = new Map<Slab, Set<number>>();

  constructor(shape: CacheShape) {
    this.shape = shape;
  }

  /** A place with zeros for so many blocks, at least one. */
  take(numBlocks: number): Place {
    const capacity = capacityFor(numBlocks);
    let slab = [...this.#slabs].find(
      ([one, taken]) => one.capacity === capacity && taken.size < one.numPlaces,
    )?.[0];
    slab ??= this.#addSlab(capacity);
    const taken = this.#slabs.get(slab) as Set<number>;
    let index = 0; // the first free one, so that sessions are neighbours
    while (taken.has(index)) index++;
    taken.add(index);
    return { slab, index };
  }

  /**
   * Zeros what was there: the next session multiplies it by a weight of 0, which a NaN would survive.
   * @param numBlocks blocks that were ever written to: others must not take pages now
   */
  giveBack({ slab, index }: Place, numBlocks: number): void {
    this.#slabs.get(slab)?.delete(index);
    if (this.#idleBytes() > maxIdleBytes) {
      this.#slabs.delete(slab);
      return;
    }
    const size = blockSizeOf(this.shape);
    const begin = index * slab.capacity * size;
    for (const tensor of slab.tensors) tensor.fill(0, begin, begin + numBlocks * size);
  }

  #idleBytes(): number {
    const idle = [...this.#slabs].filter(([, taken]) => taken.size === 0);
    const sizes = idle.flatMap(([{ tensors }]) => tensors.map(({ byteLength }) => byteLength));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  #addSlab(capacity: number): Slab {
    const fitting = Math.floor(blocksPerSlab / capacity);
    const numPlaces = Math.max(1, Math.min(maxPlaces, fitting));
    const size = numPlaces * capacity * blockSizeOf(this.shape);
    const numTensors = 2 * this.shape.numLayers;
    const tensors = Array.from({ length: numTensors }, () => new Float32Array(size));
    const slab = { capacity, numPlaces, tensors };
    this.#slabs.set(slab, new Set());
    return slab;
  }
}
