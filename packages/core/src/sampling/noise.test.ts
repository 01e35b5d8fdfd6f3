import { chiSquareTest } from "@adaedl/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdaedlError } from "../errors.ts";
import { checkSeed, createNoise, maxSeed, type NoiseKey, type NoisePurpose } from "./noise.ts";

const purposes: readonly NoisePurpose[] = ["token", "draft", "acceptance", "residual"];

function keyOf(position: number, roundStart = 0, purpose: NoisePurpose = "token"): NoiseKey {
  return { purpose, position, roundStart };
}

/** The text of every seed depends on these: a change here is a change of all recorded outputs. */
test.each<[number, NoiseKey, number, number, number]>([
  [0, { purpose: "token", position: 0, roundStart: 0 }, 0, 3281540929, 0.7640432869028181],
  [0, { purpose: "token", position: 0, roundStart: 0 }, 1, 3873406551, 0.9018477405641153],
  [0, { purpose: "token", position: 1, roundStart: 0 }, 0, 3394632903, 0.7903745638961742],
  [1, { purpose: "token", position: 0, roundStart: 0 }, 0, 2423380244, 0.564237182234744],
  [4294967296, { purpose: "token", position: 0, roundStart: 0 }, 0, 1496067354, 0.348330325166463],
  [
    9007199254740991,
    { purpose: "token", position: 131071, roundStart: 0 },
    151935,
    633646967,
    0.1475324312225862,
  ],
  [42, { purpose: "draft", position: 12, roundStart: 10 }, 50000, 1415696159, 0.32961744800405135],
  [42, { purpose: "acceptance", position: 12, roundStart: 10 }, 0, 2497541538, 0.5815042038465176],
  [
    42,
    { purpose: "residual", position: 12, roundStart: 10 },
    50000,
    3913139505,
    0.9110987898447577,
  ],
])("is known for seed %d, key %o, token %d", (seed, key, tokenId, word, uniform) => {
  const noise = createNoise(seed, key);
  expect(noise.word(tokenId)).toBe(word);
  expect(noise.uniform(tokenId)).toBe(uniform);
});

const anyKey = fc.record({
  purpose: fc.constantFrom(...purposes),
  position: fc.nat(2 ** 20),
  roundStart: fc.nat(2 ** 20),
});
const anySeed = fc.maxSafeNat();
const anyTokenId = fc.nat(300_000);

test("is the same whenever and in whatever order it is asked for", () => {
  fc.assert(
    fc.property(anySeed, anyKey, anyTokenId, anyTokenId, (seed, key, first, second) => {
      const noise = createNoise(seed, key);
      const forward = [noise.uniform(first), noise.uniform(second)];
      const again = createNoise(seed, { ...key });
      expect([again.uniform(second), again.uniform(first)].reverse()).toEqual(forward);
    }),
  );
});

test("a uniform lies strictly inside (0, 1) and begins with its word", () => {
  fc.assert(
    fc.property(anySeed, anyKey, anyTokenId, (seed, key, tokenId) => {
      const noise = createNoise(seed, key);
      const uniform = noise.uniform(tokenId);
      expect(uniform).toBeGreaterThan(0);
      expect(uniform).toBeLessThan(1);
      expect(Math.floor(uniform * 2 ** 32)).toBe(noise.word(tokenId));
      expect(Number.isInteger(uniform * 2 ** 52 - 0.5)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("every part of the key and every bit of the seed matters", () => {
  fc.assert(
    fc.property(anySeed, anyKey, fc.nat(52), (seed, key, bit) => {
      const wordOf = (s: number, k: NoiseKey) => createNoise(s, k).uniform(17);
      const here = wordOf(seed, key);
      const flipped = Number(BigInt(seed) ^ (1n << BigInt(bit)));
      expect(wordOf(flipped, key)).not.toBe(here);
      expect(wordOf(seed, { ...key, position: key.position + 1 })).not.toBe(here);
      expect(wordOf(seed, { ...key, roundStart: key.roundStart + 1 })).not.toBe(here);
      for (const purpose of purposes)
        if (purpose !== key.purpose) expect(wordOf(seed, { ...key, purpose })).not.toBe(here);
    }),
  );
});

test("finds the ids from a word on, however many words or ids that are", () => {
  const numIds = fc.integer({ min: 1, max: 3000 });
  // Words of about as many as the ids, where the way to find them changes, and of any share of them.
  const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
  const numWords = fc.oneof(
    fc.integer({ min: 1, max: 6000 }),
    share.map((part) => Math.max(1, Math.round(part * 2 ** 32))),
  );
  fc.assert(
    fc.property(anySeed, anyKey, numIds, numWords, (seed, key, numIds, numWords) => {
      const noise = createNoise(seed, key);
      const leastWord = 2 ** 32 - numWords;
      const ids = Array.from({ length: numIds }, (_, id) => id);
      const expected = ids.filter((id) => noise.word(id) >= leastWord);
      expect(noise.idsFrom(leastWord, numIds).sort((a, b) => a - b)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("finds the id of the largest words of a large vocabulary by either way", () => {
  const numIds = 300_000;
  for (let position = 0; position < 10; position++) {
    const noise = createNoise(3, keyOf(position));
    const byWord = noise.idsFrom(2 ** 32 - numIds, numIds); // a look at every id
    const largest = byWord.map(noise.word).sort((a, b) => b - a);
    expect(largest.length).toBeGreaterThan(2);
    for (const word of largest) {
      // As many words as ids take a look at each id, one less the other way.
      const found = noise.idsFrom(Math.max(word, 2 ** 32 - numIds + 1), numIds);
      expect(found).toHaveLength(largest.filter((other) => other >= word).length);
      expect(byWord).toEqual(expect.arrayContaining(found));
    }
  }
});

/** Series of uniforms, each along one thing that varies while the others stand still. */
const numDraws = 64_000;
const series: Record<string, (index: number) => number> = {
  ...Object.fromEntries(
    purposes.map((purpose) => {
      const noise = createNoise(42, keyOf(7, 5, purpose));
      return [`tokens, for purpose ${purpose}`, (index: number) => noise.uniform(index)];
    }),
  ),
  positions: (index) => createNoise(42, keyOf(index)).uniform(0),
  "round starts": (index) => createNoise(42, keyOf(9, index, "draft")).uniform(0),
  seeds: (index) => createNoise(index, keyOf(3)).uniform(0),
  "the largest seeds": (index) => createNoise(maxSeed - index, keyOf(3)).uniform(0),
  "seeds that differ in their high half only": (index) =>
    createNoise(index * 2 ** 32, keyOf(3)).uniform(0),
  "positions and tokens together": (index) => createNoise(1, keyOf(index)).uniform(index),
};

describe.each(Object.entries(series))("over %s", (_, uniformAt) => {
  test("uniforms are uniform, also in their last bits and in pairs", () => {
    const numBins = 64;
    const high = new Array<number>(numBins).fill(0);
    const low = new Array<number>(numBins).fill(0);
    const pairs = new Array<number>(numBins).fill(0);
    const count = (counts: number[], bin: number) => {
      counts[bin] = (counts[bin] as number) + 1;
    };
    let before = uniformAt(numDraws);
    for (let index = 0; index < numDraws; index++) {
      const uniform = uniformAt(index);
      count(high, Math.floor(uniform * numBins));
      count(low, Math.floor(uniform * 2 ** 52) % numBins);
      count(pairs, Math.floor(before * 8) * 8 + Math.floor(uniform * 8));
      before = uniform;
    }
    const even = new Array<number>(numBins).fill(1 / numBins);
    expect(chiSquareTest(high, even).pValue).toBeGreaterThan(1e-4);
    expect(chiSquareTest(low, even).pValue).toBeGreaterThan(1e-4);
    expect(chiSquareTest(pairs, even).pValue).toBeGreaterThan(1e-4);
  });
});

describe("independence", () => {
  const neighbours: Record<string, [[number, NoiseKey], [number, NoiseKey]]> = {
    "neighbouring positions": [
      [42, keyOf(100)],
      [42, keyOf(101)],
    ],
    "neighbouring seeds": [
      [42, keyOf(100)],
      [43, keyOf(100)],
    ],
    "neighbouring round starts": [
      [42, keyOf(100, 98, "draft")],
      [42, keyOf(100, 99, "draft")],
    ],
    "position and round start exchanged": [
      [42, keyOf(100, 98, "draft")],
      [42, keyOf(98, 100, "draft")],
    ],
    "seed and position exchanged": [
      [42, keyOf(43)],
      [43, keyOf(42)],
    ],
    ...Object.fromEntries(
      purposes.flatMap((first) =>
        purposes
          .filter((second) => second > first)
          .map((second) => [
            `purposes ${first} and ${second}`,
            [
              [42, keyOf(100, 98, first)],
              [42, keyOf(100, 98, second)],
            ],
          ]),
      ),
    ),
  };

  test.each(Object.entries(neighbours))("%s: neither correlated nor dependent", (_, [a, b]) => {
    const first = createNoise(...a);
    const second = createNoise(...b);
    const numTokens = 50_000;
    const joint = new Array<number>(64).fill(0);
    let product = 0;
    for (let tokenId = 0; tokenId < numTokens; tokenId++) {
      const x = first.uniform(tokenId);
      const y = second.uniform(tokenId);
      product += (x - 0.5) * (y - 0.5);
      const bin = Math.floor(x * 8) * 8 + Math.floor(y * 8);
      joint[bin] = (joint[bin] as number) + 1;
    }
    const correlation = (12 * product) / numTokens;
    expect(Math.abs(correlation)).toBeLessThan(4.5 / Math.sqrt(numTokens));
    expect(chiSquareTest(joint, new Array<number>(64).fill(1 / 64)).pValue).toBeGreaterThan(1e-4);
  });

  test("no position sees another's words again, shifted or not", () => {
    const numTokens = 4000;
    const words: number[] = [];
    for (let position = 0; position < 64; position++) {
      const { word } = createNoise(42, keyOf(position));
      for (let tokenId = 0; tokenId < numTokens; tokenId++) words.push(word(tokenId));
    }
    // By chance 256 000 words of 32 bits hold 7.6 equal pairs; one shifted copy would hold thousands.
    const numRepeated = words.length - new Set(words).size;
    expect(numRepeated).toBeLessThan(25);
  });

  test("within one draw no two tokens share a word", () => {
    const { word } = createNoise(42, keyOf(0));
    const words = new Set(Array.from({ length: 200_000 }, (_, tokenId) => word(tokenId)));
    expect(words.size).toBe(200_000);
  });
});

test.each([-1, 0.5, maxSeed + 1, Number.NaN, Number.POSITIVE_INFINITY])(
  "refuses seed %d",
  (seed) => {
    const message = `seed must be a whole number from 0 to 2^53 - 1, got ${seed}`;
    expect(() => checkSeed(seed)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message, field: "seed" }),
    );
    expect(() => checkSeed(seed)).toThrow(AdaedlError);
  },
);

test.each([0, maxSeed])("takes seed %d", (seed) => {
  expect(checkSeed(seed)).toBe(seed);
});
