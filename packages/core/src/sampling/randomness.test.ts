import { chiSquareTest, createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjust } from "./adjust.ts";
import { candidateProbs, type TokenDistribution, tokenIdAt } from "./distribution.ts";
import { rowFromLogits } from "./logits-row.ts";
import { rowWithHead } from "./naive-adjust.cases.ts";
import { createNoise, type NoiseKey } from "./noise.ts";
import { createRandomness } from "./randomness.ts";
import { defaultSamplingParams } from "./sampling-params.ts";
import { topTokenIds } from "./top-tokens.ts";

function keyAt(position: number): NoiseKey {
  return { purpose: "token", position, roundStart: 0 };
}

/** Log-probability + Gumbel noise of every candidate. */
function scoresOf(distribution: TokenDistribution, seed: number, key: NoiseKey): number[] {
  const noise = createNoise(seed, key);
  return Array.from(distribution.logits, (logit, index) => {
    const uniform = noise.uniform(tokenIdAt(distribution, index));
    return logit * distribution.inverseTemperature - Math.log(-Math.log(uniform));
  });
}

/** The argmax of the scores with nothing left out. */
function chooseNaively(distribution: TokenDistribution, seed: number, key: NoiseKey): number {
  const scores = scoresOf(distribution, seed, key);
  return tokenIdAt(distribution, scores.indexOf(scores.reduce((a, b) => Math.max(a, b))));
}

const distributions = fc
  .record({
    seed: fc.integer(),
    size: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1000, max: 5000 })),
    spread: fc.constantFrom(0, 1e-3, 0.3, 1, 3, 10, 100, 1e4, 1e30),
    inverseTemperature: fc.constantFrom(0.01, 1 / 1.7, 1, 1 / 0.7, 50),
    shareImpossible: fc.constantFrom(0, 0, 0.5, 0.99),
    hasIds: fc.boolean(),
    numInHead: fc.constantFrom(0, 1, 2, 8, 64),
  })
  .map(({ seed, size, spread, inverseTemperature, shareImpossible, hasIds, numInHead }) => {
    const random = createTestRandom(seed);
    const logits = Float32Array.from({ length: size }, () => random.normal() * spread);
    for (let index = 1; index < size; index++)
      if (random.next() < shareImpossible) logits[index] = Number.NEGATIVE_INFINITY;
    const head = Int32Array.from(topTokenIds(logits, numInHead));
    const tokenIds = Int32Array.from(logits.keys(), (index) => 150_000 - 7 * index);
    return {
      logits,
      inverseTemperature,
      entropy: 0,
      ...(hasIds ? { tokenIds } : {}),
      ...(numInHead === 0 ? {} : { head }),
    };
  });

describe("chooseToken", () => {
  test("takes exactly the argmax of all scores, whatever it may skip and whatever head it knows", () => {
    fc.assert(
      fc.property(distributions, fc.maxSafeNat(), (distribution, seed) => {
        const random = createRandomness(seed);
        for (let position = 0; position < 5; position++) {
          const key = keyAt(position);
          expect(random.chooseToken(distribution, key)).toBe(
            chooseNaively(distribution, seed, key),
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  test("is known for seed 2024", () => {
    const random = createRandomness(2024);
    const first16 = (logits: Float32Array, inverseTemperature: number) =>
      Array.from({ length: 16 }, (_, position) =>
        random.chooseToken({ logits, inverseTemperature, entropy: 0 }, keyAt(position)),
      );
    expect(first16(new Float32Array(8), 1)).toEqual([
      0, 1, 1, 6, 6, 1, 2, 3, 2, 3, 4, 7, 7, 4, 1, 2,
    ]);
    const descending = Float32Array.from({ length: 1000 }, (_, index) => -index / 50);
    expect(first16(descending, 1 / 0.8)).toEqual([
      20, 32, 33, 45, 21, 57, 9, 77, 181, 30, 14, 41, 16, 224, 42, 82,
    ]);
  });

  const logits = Float32Array.of(2, -1, 0.5, 0.5, -3, 1.2, 0, -0.7, 1.9, -6);
  const draws: Record<string, (index: number, distribution: TokenDistribution) => number> = {
    positions: (index, distribution) =>
      createRandomness(11).chooseToken(distribution, keyAt(index)),
    seeds: (index, distribution) => createRandomness(index).chooseToken(distribution, keyAt(11)),
    rounds: (index, distribution) =>
      createRandomness(11).chooseToken(distribution, { ...keyAt(11), roundStart: index }),
  };
  test.each(Object.entries(draws))("draws tokens as often as probable over %s", (_, draw) => {
    for (const inverseTemperature of [0.5, 1, 1 / 0.7, 3]) {
      const distribution = { logits, inverseTemperature, entropy: 0 };
      const counts = new Array<number>(logits.length).fill(0);
      for (let index = 0; index < 20_000; index++) {
        const tokenId = draw(index, distribution);
        counts[tokenId] = (counts[tokenId] as number) + 1;
      }
      const { pValue } = chiSquareTest(counts, [...candidateProbs(distribution)]);
      expect(pValue).toBeGreaterThan(1e-4);
    }
  });

  test("the ids, not the places, of candidates meet the noise", () => {
    const whole = { logits: Float32Array.of(-90, 1, -90, 2), inverseTemperature: 1, entropy: 0 };
    const kept = {
      ...whole,
      logits: Float32Array.of(2, 1),
      tokenIds: Int32Array.of(3, 1),
      head: Int32Array.of(0),
    };
    for (let seed = 0; seed < 500; seed++) {
      const random = createRandomness(seed);
      expect(random.chooseToken(kept, keyAt(4))).toBe(random.chooseToken(whole, keyAt(4)));
    }
  });

  test("a token of logit -Infinity never wins, also in the head", () => {
    const logits = new Float32Array(50).fill(Number.NEGATIVE_INFINITY);
    logits[20] = -1000;
    for (const head of [undefined, Int32Array.of(20), Int32Array.of(20, 0, 49)])
      for (let seed = 0; seed < 200; seed++) {
        const distribution = { logits, inverseTemperature: 1, entropy: 0, head };
        expect(createRandomness(seed).chooseToken(distribution, keyAt(0))).toBe(20);
      }
  });

  test("a vocabulary of 150 000 tokens is drawn from in time", () => {
    const testRandom = createTestRandom(3);
    const logits = Float32Array.from({ length: 150_000 }, () => testRandom.normal() * 2.5);
    const head = Int32Array.from(topTokenIds(logits, 64));
    const distribution = { logits, inverseTemperature: 1, entropy: 0, head };
    const random = createRandomness(5);
    const numDraws = 100;
    const chosen = new Set<number>();
    const startedAt = performance.now();
    for (let position = 0; position < numDraws; position++)
      chosen.add(random.chooseToken(distribution, keyAt(position)));
    const perDrawMs = (performance.now() - startedAt) / numDraws;
    console.info(`chooseToken over 150 000 tokens: ${perDrawMs.toFixed(2)} ms`);
    expect(chosen.size).toBeGreaterThan(numDraws / 2);
    expect(random.chooseToken(distribution, keyAt(0))).toBe(
      chooseNaively(distribution, 5, keyAt(0)),
    );
  });
});

describe("chooseGuess", () => {
  test("is the same token, and exactly how far its score is ahead of the next", () => {
    fc.assert(
      fc.property(distributions, fc.maxSafeNat(), (distribution, seed) => {
        const random = createRandomness(seed);
        for (let position = 0; position < 5; position++) {
          const key = keyAt(position);
          const { tokenId, margin } = random.chooseGuess(distribution, key);
          expect(tokenId).toBe(random.chooseToken(distribution, key));
          if (distribution.logits.length === 1) {
            expect(margin).toBeUndefined();
            continue;
          }
          const [best = 0, next = 0] = scoresOf(distribution, seed, key).sort((a, b) => b - a);
          expect(margin).toBe(best - next);
        }
      }),
      { numRuns: 400 },
    );
  });

  const logits = Float32Array.of(1, 3.5, -2, 3, 0.25);

  test("of a truncated distribution compares what is left of it", () => {
    const row = rowFromLogits(logits);
    const truncated = adjust(row, { ...defaultSamplingParams, topK: 2 });
    for (let position = 0; position < 50; position++) {
      const key = keyAt(position);
      const [best = 0, next = 0] = scoresOf(truncated, 3, key).sort((a, b) => b - a);
      expect(truncated.logits).toHaveLength(2);
      expect(createRandomness(3).chooseGuess(truncated, key).margin).toBe(best - next);
    }
  });

  test.each([
    ["the one token left by top-k", { topK: 1 }],
    ["the one token left by min-p", { minP: 0.99 }],
  ])("of %s has no margin: nothing was compared", (_, changes) => {
    const alone = adjust(rowFromLogits(logits), { ...defaultSamplingParams, ...changes });
    expect(createRandomness(3).chooseGuess(alone, keyAt(0))).toEqual({
      tokenId: 1,
      margin: undefined,
    });
  });

  test("at temperature 0 says how far the logit is ahead, in whatever form the row comes", () => {
    const greedy = { ...defaultSamplingParams, temperature: 0 };
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 200 }), (seed, size) => {
        const testRandom = createTestRandom(seed);
        const some = Float32Array.from({ length: size }, () => testRandom.integer(1000) / 32);
        const [best = 0, next = 0] = [...some].sort((a, b) => b - a);
        for (const row of [rowFromLogits(some), rowWithHead(some, 8), rowWithHead(some, 8, 1)]) {
          const guess = createRandomness(seed).chooseGuess(adjust(row, greedy), keyAt(0));
          expect(guess).toEqual({ tokenId: some.indexOf(best), margin: best - next });
        }
      }),
    );
  });

  test("at temperature 0 counts penalties and biases", () => {
    const biased = { ...defaultSamplingParams, temperature: 0, logitBias: new Map([[4, 5]]) };
    const history = { tokenIds: [], length: 0, numPromptTokens: 0 };
    const distribution = adjust(rowFromLogits(logits), biased, history);
    expect(createRandomness(0).chooseGuess(distribution, keyAt(0))).toEqual({
      tokenId: 4,
      margin: 5.25 - 3.5,
    });
  });
});

const fraction = fc.double({ min: 0, max: 1, noNaN: true });

describe("accept", () => {
  test("says yes as often as it is told to", () => {
    for (const probability of [0.001, 0.2, 0.5, 0.93]) {
      let numAccepted = 0;
      for (let position = 0; position < 20_000; position++)
        if (createRandomness(8).accept(probability, keyAt(position))) numAccepted++;
      const counts = [numAccepted, 20_000 - numAccepted];
      const { pValue } = chiSquareTest(counts, [probability, 1 - probability]);
      expect(pValue).toBeGreaterThan(1e-4);
    }
  });

  test("0 is never, 1 is always", () => {
    const random = createRandomness(8);
    for (let position = 0; position < 10_000; position++) {
      expect(random.accept(0, keyAt(position))).toBe(false);
      expect(random.accept(1, keyAt(position))).toBe(true);
    }
  });

  test("a larger probability never turns a yes into a no", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(1000), fraction, fraction, (seed, position, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const random = createRandomness(seed);
        if (random.accept(low, keyAt(position)))
          expect(random.accept(high, keyAt(position))).toBe(true);
      }),
    );
  });
});

describe("chooseCandidates", () => {
  const count = fc.integer({ min: 1, max: 6 });

  test("are the best of all scores in order, chooseToken's first", () => {
    fc.assert(
      fc.property(distributions, fc.maxSafeNat(), count, (distribution, seed, count) => {
        const random = createRandomness(seed);
        for (let position = 0; position < 5; position++) {
          const key = keyAt(position);
          const ranked = scoresOf(distribution, seed, key)
            .map((score, index) => ({ tokenId: tokenIdAt(distribution, index), score }))
            .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
            .sort((a, b) => b.score - a.score)
            .slice(0, count);
          const candidates = random.chooseCandidates(distribution, key, count);
          expect(candidates).toEqual(
            ranked.map(({ tokenId, score }, rank) => ({
              tokenId,
              behind: rank === 0 ? 0 : (ranked[0]?.score as number) - score,
            })),
          );
          expect(candidates[0]?.tokenId).toBe(random.chooseToken(distribution, key));
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    [{ topK: 2 }, 2],
    [{ minP: 0.99 }, 1],
    [{ topP: 0.9 }, 2],
    [{}, 3],
  ])("are as many as %o leaves", (changes, numLeft) => {
    const row = rowFromLogits(Float32Array.of(1, 3.5, -2, 3, 0.25));
    const distribution = adjust(row, { ...defaultSamplingParams, ...changes });
    expect(createRandomness(3).chooseCandidates(distribution, keyAt(0), 3)).toHaveLength(numLeft);
  });

  test("of a greedy distribution are the most probable, without noise", () => {
    const logits = Float32Array.of(1, 3.5, Number.NEGATIVE_INFINITY, 3, 3.5);
    const greedy = { inverseTemperature: 1, entropy: 0, isGreedy: true };
    const expected = [
      { tokenId: 1, behind: 0 },
      { tokenId: 4, behind: 0 },
      { tokenId: 3, behind: 0.5 },
      { tokenId: 0, behind: 2.5 },
    ];
    const list = {
      ...greedy,
      tokenIds: Int32Array.of(1, 4, 3, 0, 2),
      logits: Float32Array.of(3.5, 3.5, 3, 1, Number.NEGATIVE_INFINITY),
    };
    for (const distribution of [{ ...greedy, logits }, list])
      for (let seed = 0; seed < 20; seed++) {
        const random = createRandomness(seed);
        for (let count = 1; count <= 5; count++)
          expect(random.chooseCandidates(distribution, keyAt(4), count)).toEqual(
            expected.slice(0, count),
          );
        expect(random.chooseToken(distribution, keyAt(4))).toBe(1);
      }
  });
});
