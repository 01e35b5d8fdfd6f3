import fc from "fast-check";
import { expect, test } from "vitest";
import { Text } from "./text.ts";

const hashOf = (tokenIds: Iterable<number>) => new Text(tokenIds).fence().hash;

/** Both ends of a connection must agree on these, whatever their versions. */
test.each<[readonly number[], bigint]>([
  [[], 0x4a8b1efc811c9dc5n],
  [[0], 0xf1b68039050c5707n],
  [[1], 0x4af61f55040c5394n],
  [[1, 2], 0x71479698f5667fedn],
  [[2, 1], 0x194cee0a749153f7n],
  [[151_935], 0x82d69718fd7db236n],
  [Array.from({ length: 1000 }, (_, index) => index), 0xeaf14b3fa88c00f1n],
])("has a known hash for %j", (tokenIds, hash) => {
  expect(hashOf(tokenIds)).toBe(hash);
});

test("names every prefix as the text that it is, also after truncating and appending", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(200_000), { maxLength: 200 }),
      fc.nat(200),
      fc.array(fc.nat(200_000)),
      (tokenIds, cut, more) => {
        const text = new Text(tokenIds);
        text.truncate(cut);
        for (const tokenId of more) text.append(tokenId);
        const expected = [...tokenIds.slice(0, cut), ...more];
        expect(text.tokenIds).toEqual(expected);
        for (let length = 0; length <= expected.length; length++) {
          const fence = text.fence(length);
          expect(fence).toEqual({ length, hash: hashOf(expected.slice(0, length)) });
          expect(text.startsWith(fence)).toBe(true);
        }
      },
    ),
  );
});

test("does not start with a longer text, nor with another one of the same length", () => {
  const text = new Text([1, 2, 3]);
  expect(text.startsWith(new Text([1, 2, 3, 4]).fence())).toBe(false);
  expect(text.startsWith(new Text([1, 2, 4]).fence())).toBe(false);
  expect(text.startsWith(new Text([1, 2]).fence())).toBe(true);
  expect(() => text.fence(4)).toThrow(new RangeError("the text has 3 tokens, not 4"));
});

test("all prefixes of a text differ, also of one that repeats a token", () => {
  for (const token of [0, 7]) {
    const text = new Text(new Array(3000).fill(token));
    const hashes = Array.from({ length: 3000 }, (_, length) => text.fence(length).hash);
    expect(new Set(hashes).size).toBe(3000);
  }
});

test("a change of any one token, and of any two neighbours' order, changes the hash", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(200_000), { minLength: 2, maxLength: 50 }),
      fc.nat(48),
      fc.nat(200_000),
      (tokenIds, place, other) => {
        const index = place % (tokenIds.length - 1);
        const here = tokenIds[index] as number;
        const next = tokenIds[index + 1] as number;
        const hash = hashOf(tokenIds);
        if (other !== here) expect(hashOf(tokenIds.with(index, other))).not.toBe(hash);
        if (next !== here)
          expect(hashOf(tokenIds.with(index, next).with(index + 1, here))).not.toBe(hash);
      },
    ),
    { numRuns: 1000 },
  );
});

test("no two short texts share a hash, nor one of its halves more often than by chance", () => {
  const hashes: bigint[] = [];
  for (let first = 0; first < 300; first++)
    for (let second = 0; second < 300; second++) hashes.push(hashOf([first, second]));
  for (let first = 0; first < 45; first++)
    for (let second = 0; second < 45; second++)
      for (let third = 0; third < 45; third++) hashes.push(hashOf([first, second, third]));
  const numRepeated = (values: readonly bigint[]) => values.length - new Set(values).size;
  expect(numRepeated(hashes)).toBe(0);
  // 181 125 values of 32 bits hold 3.8 equal pairs by chance.
  expect(numRepeated(hashes.map((hash) => hash & 0xffffffffn))).toBeLessThan(20);
  expect(numRepeated(hashes.map((hash) => hash >> 32n))).toBeLessThan(20);
});
