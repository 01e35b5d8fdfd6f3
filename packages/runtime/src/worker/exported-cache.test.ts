import { describe, expect, test } from "vitest";
import { ExportedCache } from "./exported-cache.ts";

const shape = { numLayers: 2, numKeyValueHeads: 3, headDim: 2, columnBlock: 4 };

/** Commits tokens whose keys are [token, head] and whose values are the negatives of them. */
function commit(cache: ExportedCache, layer: number, tokenIds: readonly number[]): void {
  cache.reserve(cache.length + tokenIds.length);
  tokenIds.forEach((tokenId, index) => {
    const row = Float32Array.from([0, 1, 2].flatMap((head) => [tokenId, head]));
    const column = cache.length + index;
    cache.writeRow(cache.keys(layer), column, row, 0, 2);
    cache.writeRow(
      cache.values(layer),
      column,
      row.map((value) => -value),
      0,
      2,
    );
  });
}

/** The keys of a head, column by column. */
const tokensIn = (cache: ExportedCache, head: number) =>
  Array.from({ length: cache.length }, (_, column) => [
    ...cache
      .keys(0)
      .subarray((head * cache.capacity + column) * 2)
      .slice(0, 2),
  ]);

describe("capacity", () => {
  test("grows by whole blocks and never shrinks", () => {
    const cache = new ExportedCache(shape);
    const capacities = [0, 1, 4, 5, 8, 3, 17].map((length) => {
      cache.reserve(length);
      return cache.capacity;
    });
    expect(capacities).toEqual([0, 4, 4, 8, 8, 8, 20]);
    expect(cache.keys(1)).toHaveLength(3 * 20 * 2);
    expect(cache.values(0)).toHaveLength(3 * 20 * 2);
    expect(cache.length).toBe(0);
  });

  test("what is committed moves along, head by head", () => {
    const cache = new ExportedCache(shape);
    commit(cache, 0, [7, 8, 9]);
    for (const tokenId of [7, 8, 9]) cache.text.append(tokenId);
    cache.reserve(30);
    for (const head of [0, 1, 2])
      expect(tokensIn(cache, head)).toEqual([
        [7, head],
        [8, head],
        [9, head],
      ]);
    const values = cache.values(0);
    expect([...values.subarray(2 * 32 * 2).slice(0, 6)]).toEqual([-7, -2, -8, -2, -9, -2]);
  });
});

describe("rolling back", () => {
  test("forgets tokens, keeps the room and never adds", () => {
    const cache = new ExportedCache(shape);
    commit(cache, 0, [1, 2, 3, 4, 5]);
    for (const tokenId of [1, 2, 3, 4, 5]) cache.text.append(tokenId);
    cache.rollBack(2);
    expect(cache.text.tokenIds).toEqual([1, 2]);
    expect(cache.capacity).toBe(8);
    cache.rollBack(4);
    expect(cache.length).toBe(2);
    commit(cache, 0, [6]);
    cache.text.append(6);
    expect(tokensIn(cache, 1)).toEqual([
      [1, 1],
      [2, 1],
      [6, 1],
    ]);
  });
});

test("a copy goes its own way", () => {
  const cache = new ExportedCache(shape);
  commit(cache, 0, [1, 2, 3]);
  for (const tokenId of [1, 2, 3]) cache.text.append(tokenId);
  const copy = cache.copy();
  expect([copy.text.tokenIds, copy.capacity, tokensIn(copy, 1)]).toEqual([
    [1, 2, 3],
    cache.capacity,
    tokensIn(cache, 1),
  ]);
  copy.rollBack(1);
  commit(copy, 0, [9]);
  copy.text.append(9);
  expect([tokensIn(cache, 2), tokensIn(copy, 2)]).toEqual([
    [
      [1, 2],
      [2, 2],
      [3, 2],
    ],
    [
      [1, 2],
      [9, 2],
    ],
  ]);
});

test("a row is taken from where its heads lie in the source", () => {
  const cache = new ExportedCache(shape);
  cache.reserve(2);
  // Two tokens, head after head, as an exported graph returns them: [heads, tokens, headDim].
  const source = Float32Array.from([0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15]);
  cache.writeRow(cache.keys(1), 0, source, 0, 4);
  cache.writeRow(cache.keys(1), 1, source, 2, 4);
  const rows = [0, 4, 8].map((column) => [...cache.keys(1).subarray(column * 2, column * 2 + 4)]);
  expect(rows).toEqual([
    [0, 1, 10, 11],
    [2, 3, 12, 13],
    [4, 5, 14, 15],
  ]);
  expect(cache.keys(0).every((value) => value === 0)).toBe(true);
});
