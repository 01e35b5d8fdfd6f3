import fc from "fast-check";
import { expect, test } from "vitest";
import { hashSequence } from "./sequence-hash.ts";

/** Both sides of a wire must agree on these, whatever their versions. */
test.each<[readonly number[], bigint]>([
  [[], 0x4a8b1efc811c9dc5n],
  [[0], 0xf1b68039050c5707n],
  [[1], 0x4af61f55040c5394n],
  [[1, 2], 0x71479698f5667fedn],
  [[2, 1], 0x194cee0a749153f7n],
  [[151_935], 0x82d69718fd7db236n],
  [Array.from({ length: 1000 }, (_, index) => index), 0xeaf14b3fa88c00f1n],
])("is known for %j", (tokenIds, hash) => {
  expect(hashSequence(tokenIds)).toBe(hash);
});

test("hashes a prefix as the sequence that it is, in any kind of array", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200_000)), fc.nat(100), (tokenIds, cut) => {
      const length = Math.min(cut, tokenIds.length);
      const hash = hashSequence(tokenIds.slice(0, length));
      expect(hashSequence(tokenIds, length)).toBe(hash);
      expect(hashSequence(Int32Array.from(tokenIds), length)).toBe(hash);
      expect(hash).toBeGreaterThanOrEqual(0n);
      expect(hash).toBeLessThan(1n << 64n);
    }),
  );
});

test("all prefixes of a sequence differ, also one that repeats a token", () => {
  for (const tokenIds of [new Array(3000).fill(0), new Array(3000).fill(7)]) {
    const hashes = tokenIds.map((_, length) => hashSequence(tokenIds, length));
    expect(new Set(hashes).size).toBe(3000);
  }
});

test("a change of any one token, and of any two neighbours' order, is seen", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(200_000), { minLength: 2, maxLength: 50 }),
      fc.nat(48),
      fc.nat(200_000),
      (tokenIds, place, other) => {
        const index = place % (tokenIds.length - 1);
        const here = tokenIds[index] as number;
        const next = tokenIds[index + 1] as number;
        const hash = hashSequence(tokenIds);
        if (other !== here) expect(hashSequence(tokenIds.with(index, other))).not.toBe(hash);
        if (next !== here)
          expect(hashSequence(tokenIds.with(index, next).with(index + 1, here))).not.toBe(hash);
      },
    ),
    { numRuns: 1000 },
  );
});

test("no two short sequences share a hash, nor one of its halves more often than by chance", () => {
  const hashes: bigint[] = [];
  for (let first = 0; first < 300; first++)
    for (let second = 0; second < 300; second++) hashes.push(hashSequence([first, second]));
  for (let first = 0; first < 45; first++)
    for (let second = 0; second < 45; second++)
      for (let third = 0; third < 45; third++) hashes.push(hashSequence([first, second, third]));
  const numRepeated = (values: readonly bigint[]) => values.length - new Set(values).size;
  expect(numRepeated(hashes)).toBe(0);
  // 181 125 values of 32 bits hold 3.8 equal pairs by chance.
  expect(numRepeated(hashes.map((hash) => hash & 0xffffffffn))).toBeLessThan(20);
  expect(numRepeated(hashes.map((hash) => hash >> 32n))).toBeLessThan(20);
});
