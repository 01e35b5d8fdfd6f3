import { invalidField } from "../errors.ts";

/** What a draw is for. Draws for different purposes are independent of each other. */
export type NoisePurpose = keyof typeof purposes;

const purposes = { token: 1, draft: 2, acceptance: 3, residual: 4 } as const;

/** Names one draw of a session: the same key gives the same draw, always and everywhere. */
export interface NoiseKey {
  readonly purpose: NoisePurpose;
  /** Index in prompt + output of the token that is drawn. */
  readonly position: number;
  /**
   * Length of the true sequence when the round began, for rules that must not see the same draw
   * again when a position is drafted a second time; 0 where they must.
   */
  readonly roundStart: number;
}

/**
 * Counter-based randomness: no state, so that any process that knows the seed draws the same
 * numbers in any order (after Salmon et al., "Parallel random numbers: as easy as 1, 2, 3").
 */
export interface Noise {
  /** The 32-bit word that decides token `tokenId`, before it is refined to 52 bits. */
  word(tokenId: number): number;
  /** Uniform in the open interval (0, 1), on a grid of 2^-52, whose top 32 bits are `word`. */
  uniform(tokenId: number): number;
  /**
   * The ids below `numIds` whose word is `leastWord` or more, in no order. Costs two to three nanoseconds for each id,
   * or for each such word where those are fewer.
   */
  idsFrom(leastWord: number, numIds: number): number[];
}

/** The largest seed: every whole number up to it is exact in JavaScript and in JSON. */
export const maxSeed = Number.MAX_SAFE_INTEGER;

/** @throws AdaedlError `invalid_argument` when the seed is not a whole number from 0 to 2^53 - 1 */
export function checkSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw invalidField("seed", seed, "must be a whole number from 0 to 2^53 - 1");
  return seed;
}

/** The noise of one draw of the session that was started with `seed`. */
export function createNoise(seed: number, key: NoiseKey): Noise {
  const { low, high } = statesOf(seed, key);
  // Two mixing rounds with independent keys: with one alone, two positions could see the same
  // words shifted by a few token ids.
  const word = (tokenId: number) => mix(mix(Math.imul(tokenId, golden) + low) ^ high) >>> 0;
  return {
    word,
    uniform(tokenId) {
      const refinement = mix(mix(Math.imul(tokenId, golden) + high) ^ ~low) >>> 12;
      return (word(tokenId) * 2 ** 20 + refinement + 0.5) / 2 ** 52;
    },
    idsFrom(leastWord, numIds) {
      const isRare = 2 ** 32 - leastWord < numIds;
      return (isRare ? idsOfWords : idsByWord)(leastWord, numIds, low, high);
    },
  };
}

/** `Noise.idsFrom` by a look at each id's word; as a function of whole numbers it runs three times as fast. */
function idsByWord(leastWord: number, numIds: number, low: number, high: number): number[] {
  const ids: number[] = [];
  const least = leastWord ^ signBit; // signed numbers are in the order of the words then
  for (let id = 0; id < numIds; id++)
    if ((mix(mix((Math.imul(id, golden) + low) | 0) ^ high) ^ signBit) >= least) ids.push(id);
  return ids;
}

/** The same by the id of each word, which is one of 2^32: most words are of none below `numIds`. */
function idsOfWords(leastWord: number, numIds: number, low: number, high: number): number[] {
  const ids: number[] = [];
  for (let word = leastWord - 2 ** 32; word < 0; word++) {
    const id = Math.imul(unmix(unmix(word) ^ high) - low, goldenInverse) >>> 0;
    if (id < numIds) ids.push(id);
  }
  return ids;
}

function statesOf(seed: number, key: NoiseKey): { readonly low: number; readonly high: number } {
  let low = 0x243f6a88; // first digits of pi: any constants do, these have nothing up their sleeve
  let high = 0x85a308d3;
  for (const part of [
    seed | 0,
    Math.floor(seed / 2 ** 32),
    key.position,
    key.roundStart,
    purposes[key.purpose],
  ]) {
    low = mix(low ^ part);
    high = mix((high + part) ^ low);
  }
  return { low, high };
}

/** 2^32 divided by the golden ratio: spreads consecutive ids over all words. */
const golden = 0x9e3779b1 | 0;
/** golden * goldenInverse = 1 modulo 2^32. */
const goldenInverse = 0xe8b2f51;
const signBit = 1 << 31;

/** Wellons' lowbias32: a bijection of 32-bit words with almost no bias between input and output. */
function mix(word: number): number {
  word ^= word >>> 16;
  word = Math.imul(word, 0x7feb352d);
  word ^= word >>> 15;
  word = Math.imul(word, 0x846ca68b);
  return word ^ (word >>> 16);
}

/** The word that `mix` makes this one of: its steps undone, in reverse. */
function unmix(word: number): number {
  word ^= word >>> 16;
  word = Math.imul(word, 0x43021123);
  word ^= (word >>> 15) ^ (word >>> 30);
  word = Math.imul(word, 0x1d69e2a5);
  return word ^ (word >>> 16);
}
