import { describe, expect, test } from "vitest";
import { BlockCache } from "./block-cache.ts";
import { BlockSlabs, type CacheTensor, capacityFor } from "./block-slabs.ts";

const shape = { numLayers: 2, numKeyValueHeads: 3, headDim: 2, columnBlock: 4 };
const numbersPerColumn = shape.numKeyValueHeads * shape.headDim;

/** Commits tokens whose key of head h is [token, h] in the first layer, and whose other rows are zeros. */
function commit(cache: BlockCache, tokenIds: readonly number[]): void {
  cache.reserve(cache.text.length + tokenIds.length);
  const keys = tokenIds.flatMap((tokenId) => [0, 1, 2].flatMap((head) => [tokenId, head]));
  // As if two rows of another session came first.
  const others = new Array<number>(2 * numbersPerColumn).fill(99);
  const none = new Array<number>(3 * (others.length + keys.length)).fill(0);
  cache.commit(tokenIds, Float32Array.from([...others, ...keys, ...none]), 2);
}

/** The first layer's keys of a head, column by column. */
function keysOf({ place: { slab, index }, text }: BlockCache, head: number): number[][] {
  const blockSize = numbersPerColumn * shape.columnBlock;
  return Array.from({ length: text.length }, (_, position) => {
    const block = index * slab.capacity + Math.floor(position / shape.columnBlock);
    const column = head * shape.columnBlock + (position % shape.columnBlock);
    const from = block * blockSize + column * shape.headDim;
    return [...(slab.tensors[0] as CacheTensor).subarray(from, from + shape.headDim)];
  });
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("rows lie by block, head and column, and move along when there is no room", () => {
  const slabs = new BlockSlabs(shape);
  const [cache, neighbour] = [new BlockCache(slabs), new BlockCache(slabs)];
  commit(neighbour, [7]);
  for (const tokenId of numbers(21)) commit(cache, [tokenId]);
  const longer = new BlockCache(slabs);
  commit(longer, numbers(21));
  for (const head of [0, 1, 2]) {
    const expected = numbers(21).map((tokenId) => [tokenId, head]);
    expect(keysOf(cache, head)).toEqual(expected);
    expect(keysOf(longer, head)).toEqual(expected);
    expect(keysOf(neighbour, head)).toEqual([[7, head]]);
  }
});

test("rolling back forgets columns, and the next rows take their places", () => {
  const cache = new BlockCache(new BlockSlabs(shape));
  commit(cache, numbers(6));
  cache.rollBack(3);
  commit(cache, [9, 8]);
  expect(cache.text.tokenIds).toEqual([1, 2, 3, 9, 8]);
  expect(keysOf(cache, 1).map(([tokenId]) => tokenId)).toEqual([1, 2, 3, 9, 8]);
});

test("a copy goes its own way", () => {
  const cache = new BlockCache(new BlockSlabs(shape));
  commit(cache, numbers(5));
  const copy = cache.copy();
  expect([copy.text.tokenIds, keysOf(copy, 2)]).toEqual([cache.text.tokenIds, keysOf(cache, 2)]);
  copy.rollBack(1);
  commit(copy, [9]);
  expect(keysOf(cache, 0).map(([tokenId]) => tokenId)).toEqual(numbers(5));
  expect(keysOf(copy, 0).map(([tokenId]) => tokenId)).toEqual([1, 9]);
});

describe("slabs", () => {
  test("capacities are at most half again what is needed", () => {
    expect(numbers(13).map(capacityFor)).toEqual([1, 2, 3, 4, 6, 6, 8, 8, 12, 12, 12, 12, 16]);
    for (const numBlocks of numbers(1000)) {
      expect(capacityFor(numBlocks)).toBeGreaterThanOrEqual(numBlocks);
      expect(capacityFor(numBlocks)).toBeLessThan(numBlocks * 1.5);
    }
  });

  test("sessions of one capacity are neighbours, and take the places of those that are gone", () => {
    const slabs = new BlockSlabs(shape);
    const caches = numbers(17).map(() => new BlockCache(slabs));
    const first = caches[0]?.place.slab;
    expect(caches.map(({ place }) => place.index)).toEqual([...numbers(16).map((n) => n - 1), 0]);
    expect(caches.filter(({ place }) => place.slab === first)).toHaveLength(16);
    caches[5]?.close();
    expect(new BlockCache(slabs).place).toEqual({ slab: first, index: 5 });
  });

  test("a slab without a session is kept for the next one, while such slabs are small", () => {
    const wide = { ...shape, headDim: 1024 }; // 6 MB a slab, 96 MB where one place has 512 blocks
    const slabs = new BlockSlabs(wide);
    const usedFor = (numBlocks: number) => {
      const cache = new BlockCache(slabs, numBlocks * wide.columnBlock);
      cache.close();
      return cache.place.slab;
    };
    const [small, large] = [usedFor(1), usedFor(512)];
    expect(usedFor(1) === small).toBe(true);
    expect(usedFor(512) === large).toBe(false);
  });

  // Neighbours are computed with it: a weight of 0 times what is not a number is not 0.
  test("nothing is left where a session was", () => {
    const slabs = new BlockSlabs(shape);
    const [cache] = [new BlockCache(slabs), new BlockCache(slabs)];
    commit(cache, [Number.NaN, 2, 3]);
    const { slab } = cache.place;
    cache.close();
    expect(slab.tensors.every((tensor) => tensor.every((value) => value === 0))).toBe(true);
  });
});
