import { chiSquareTest, totalVariation } from "@adaedl/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { candidateProbs, type TokenDistribution } from "../sampling/distribution.ts";
import type { NoiseKey } from "../sampling/noise.ts";
import { createRandomness, type Randomness } from "../sampling/randomness.ts";
import { countTokens, distributionOf, randomDistribution } from "./distributions.cases.ts";
import { maxGuessCandidates, rejection } from "./rejection.ts";
import type { Guess, GuessDistribution } from "./rule.ts";

const place = { position: 12, roundStart: 10 };

function guessFrom(distribution: TokenDistribution, seed: number): Required<Guess> {
  return rejection.guess(distribution, place, createRandomness(seed)) as Required<Guess>;
}

function probsOf({ tokenIds, weights }: GuessDistribution): Map<number, number> {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return new Map([...tokenIds].map((id, index) => [id, (weights[index] as number) / sum]));
}

interface Call {
  readonly key: NoiseKey;
  readonly probability?: number;
  readonly distribution?: TokenDistribution;
}

/** Says what it is told to, and keeps what it was asked. */
function scriptedRandomness(isAccepted: boolean): Randomness & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    chooseToken(distribution, key) {
      calls.push({ key, distribution });
      return distribution.tokenIds?.[0] ?? 0;
    },
    chooseGuess() {
      throw new Error("its guess is no argmax of scores");
    },
    chooseCandidates() {
      throw new Error("its candidate is no argmax of scores");
    },
    accept(probability, key) {
      calls.push({ key, probability });
      return isAccepted;
    },
  };
}

describe("the guess", () => {
  test("is the one candidate that is proposed, with its probability in the draft", () => {
    const draft = randomDistribution(1, 50, 1.5);
    for (let seed = 0; seed < 50; seed++) {
      const guess = guessFrom(draft, seed);
      expect(rejection.propose(draft, place, createRandomness(seed), 3)).toEqual([
        { ...guess, prob: expect.closeTo(candidateProbs(draft)[guess.tokenId] as number, 12) },
      ]);
    }
  });

  test("of a greedy distribution is the most probable token, for certain", () => {
    const draft = { ...distributionOf([0.2, 0.4, 0.4]), isGreedy: true };
    const [proposed, ...others] = rejection.propose(draft, place, createRandomness(1), 3);
    expect(others).toEqual([]);
    expect(proposed).toMatchObject({ tokenId: 1, prob: expect.closeTo(0.4, 12) });
    expect([...probsOf(proposed?.distribution as GuessDistribution)]).toEqual([[1, 1]]);
    expect(proposed).not.toHaveProperty("behind");
  });

  test("is drawn from exactly the distribution that goes with it", () => {
    const draft = randomDistribution(1, 50, 1.5);
    const { distribution } = guessFrom(draft, 0);
    const probs = probsOf(distribution);
    const random = createRandomness(3);
    const counts = countTokens(50, 20_000, (position) => {
      return rejection.guess(draft, { ...place, position }, random).tokenId;
    });
    const expected = counts.map((_, tokenId) => probs.get(tokenId) ?? 0);
    expect(chiSquareTest(counts, expected).pValue).toBeGreaterThan(1e-4);
  });

  test("comes from the most probable tokens, ties to the lower ids, in descending order", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 300 }), (seed, size) => {
        const { logits } = randomDistribution(seed, size, 3);
        const rounded = logits.map((logit) => Math.round(logit)); // many ties
        const draft = { logits: rounded, inverseTemperature: 1, entropy: 0 };
        const probs = candidateProbs(draft);
        const order = [...rounded.keys()].sort(
          (a, b) => (rounded[b] as number) - (rounded[a] as number) || a - b,
        );
        const { tokenId, distribution } = guessFrom(draft, seed >>> 0);
        expect([...distribution.tokenIds]).toEqual(order.slice(0, maxGuessCandidates));
        expect([...distribution.weights]).toEqual(
          order.slice(0, maxGuessCandidates).map((id) => Math.fround(probs[id] as number)),
        );
        expect(distribution.tokenIds).toContain(tokenId);
      }),
    );
  });

  test("keeps the ids of a truncated draft", () => {
    const { tokenId, distribution } = guessFrom(distributionOf([0.25, 0.75], [90, 40]), 1);
    expect([...distribution.tokenIds]).toEqual([40, 90]);
    expect([...distribution.weights]).toEqual([0.75, 0.25]);
    expect([40, 90]).toContain(tokenId);
  });

  test("sends no token that float32 gives no weight", () => {
    const logits = Float64Array.of(0, -1000, Number.NEGATIVE_INFINITY, -110, -80);
    const { distribution } = guessFrom({ logits, inverseTemperature: 1, entropy: 0 }, 1);
    expect([...distribution.tokenIds]).toEqual([0, 4]);
    expect(distribution.weights.every((weight) => weight > 0)).toBe(true);
  });
});

describe("the judgement", () => {
  const target = distributionOf([0.1, 0.6, 0.3]);

  function guessOf(tokenId: number, tokenIds: number[], weights: number[]): Guess {
    const distribution = {
      tokenIds: Int32Array.from(tokenIds),
      weights: Float32Array.from(weights),
    };
    return { tokenId, distribution };
  }

  test.each([
    [0, 0.1 / 0.5],
    [1, 1],
    [2, 0.3 / 0.375],
  ])("accepts guess %d with probability min(1, target / draft)", (tokenId, probability) => {
    const random = scriptedRandomness(true);
    const guess = guessOf(tokenId, [0, 1, 2], [1, 0.25, 0.75]); // of sum 2
    expect(rejection.judge(target, guess, place, random)).toEqual({ tokenId, isAccepted: true });
    expect(random.calls).toHaveLength(1);
    expect(random.calls[0]?.probability).toBeCloseTo(probability, 15);
    expect(random.calls[0]?.key).toEqual({ purpose: "acceptance", ...place });
  });

  test("draws from the positive part of target - draft after a refusal", () => {
    const random = scriptedRandomness(false);
    const guess = guessOf(0, [0, 1, 2], [0.5, 0.25, 0.25]);
    const judgement = rejection.judge(target, guess, place, random);
    expect(judgement.isAccepted).toBe(false);
    const { key, distribution } = random.calls[1] as Required<Call>;
    expect(key).toEqual({ purpose: "residual", ...place });
    const residual = candidateProbs(distribution);
    expect(residual[0]).toBe(0);
    expect(residual[1]).toBeCloseTo(0.35 / 0.4, 14);
    expect(residual[2]).toBeCloseTo(0.05 / 0.4, 14);
    expect(distribution.head).toBeUndefined(); // the target's is not its own
  });

  test("without a guess, or without its distribution, the token is the target's own", () => {
    for (const guess of [undefined, { tokenId: 1 }]) {
      const random = scriptedRandomness(true);
      expect(rejection.judge(target, guess, place, random).isAccepted).toBe(false);
      expect(random.calls).toEqual([{ key: { purpose: "token", ...place }, distribution: target }]);
    }
  });

  test("refuses a guess that its own distribution gives no chance", () => {
    const random = scriptedRandomness(true);
    const guesses = [guessOf(1, [0, 2], [0.5, 0.5]), guessOf(7, [7], [0]), guessOf(99, [0], [1])];
    for (const guess of guesses) rejection.judge(target, guess, place, random);
    expect(random.calls.map(({ probability }) => probability)).toEqual([0, 0, 0]);
    const real = rejection.judge(target, guesses[0], place, createRandomness(1));
    expect(real.isAccepted).toBe(false);
  });

  test("a guess outside of the target's candidates has no chance, whatever its id", () => {
    const truncated = distributionOf([0.5, 0.5], [10, 20]);
    for (const tokenId of [0, 1, 11, 20_000]) {
      const random = scriptedRandomness(true);
      rejection.judge(truncated, guessOf(tokenId, [tokenId], [1]), place, random);
      expect(random.calls[0]?.probability).toBe(0);
    }
  });

  test("the residual keeps the ids of a truncated target", () => {
    const truncated = distributionOf([0.5, 0.5], [10, 20]);
    for (let seed = 0; seed < 50; seed++) {
      const random = createRandomness(seed);
      const judgement = rejection.judge(
        truncated,
        guessOf(11, [10, 11], [0.6, 0.4]),
        place,
        random,
      );
      expect(judgement).toEqual({ tokenId: 20, isAccepted: false });
    }
  });

  test("if rounding refuses although nothing is left over, the target is drawn from", () => {
    const random = scriptedRandomness(false);
    rejection.judge(distributionOf([0.5, 0.5]), guessOf(0, [0, 1], [1, 1]), place, random);
    expect([...candidateProbs(random.calls[1]?.distribution as TokenDistribution)]).toEqual([
      0.5, 0.5,
    ]);
  });
});

describe("acceptance", () => {
  test("is 1 - TV on average", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 40 }),
        fc.constantFrom(0.1, 1, 4),
        (seed, size, spread) => {
          const target = randomDistribution(seed, size, spread);
          const { distribution } = guessFrom(randomDistribution(seed + 1, size, spread), 0);
          const draftProbs = probsOf(distribution);
          let mean = 0;
          for (const [tokenId, draftProb] of draftProbs) {
            const random = scriptedRandomness(true);
            rejection.judge(target, { tokenId, distribution }, place, random);
            mean += draftProb * (random.calls[0]?.probability as number);
          }
          const targetProbs = candidateProbs(target);
          const dense = targetProbs.map((_, tokenId) => draftProbs.get(tokenId) ?? 0);
          expect(mean).toBeCloseTo(1 - totalVariation(targetProbs, dense), 12);
        },
      ),
    );
  });

  test("is 1 - TV over many rounds, with the real noise", () => {
    const target = randomDistribution(5, 10, 1.2);
    const draft = randomDistribution(6, 10, 1.2);
    const expected = 1 - totalVariation(candidateProbs(target), candidateProbs(draft));
    const random = createRandomness(17);
    let numAccepted = 0;
    for (let position = 0; position < 20_000; position++) {
      const here = { position, roundStart: position };
      const guess = rejection.guess(draft, here, random);
      if (rejection.judge(target, guess, here, random).isAccepted) numAccepted++;
    }
    const counts = [numAccepted, 20_000 - numAccepted];
    expect(chiSquareTest(counts, [expected, 1 - expected]).pValue).toBeGreaterThan(1e-4);
  });

  test("is certain, up to float32, where draft and target are equal", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 32 }), (seed, size) => {
        const both = randomDistribution(seed, size, 2);
        const random = scriptedRandomness(true);
        rejection.judge(both, guessFrom(both, seed >>> 0), place, random);
        expect(random.calls[0]?.probability).toBeGreaterThan(1 - 1e-6);
      }),
    );
  });

  test("is never, where draft and target share no token", () => {
    const target = distributionOf([0.5, 0.5, 0, 0]);
    const draft = distributionOf([0, 0, 0.3, 0.7]);
    for (let seed = 0; seed < 500; seed++) {
      const random = createRandomness(seed);
      const guess = rejection.guess(draft, place, random);
      const { tokenId, isAccepted } = rejection.judge(target, guess, place, random);
      expect(isAccepted).toBe(false);
      expect(tokenId).toBeLessThan(2);
    }
  });

  test("at temperature 0 on both sides is whether both choose the same token", () => {
    const only = (tokenId: number) => distributionOf([1], [tokenId]);
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandomness(seed);
      const guess = rejection.guess(only(4), place, random);
      expect(guess.tokenId).toBe(4);
      const same = rejection.judge(only(4), guess, place, random);
      expect(same).toEqual({ tokenId: 4, isAccepted: true });
      const other = rejection.judge(only(9), guess, place, random);
      expect(other).toEqual({ tokenId: 9, isAccepted: false });
    }
  });
});

test("no draw of a round is seen again in a later round or for another purpose", () => {
  const keys: NoiseKey[] = [];
  for (const roundStart of [10, 11]) {
    const random = scriptedRandomness(false);
    const here = { position: 12, roundStart };
    const guess = rejection.guess(distributionOf([0.5, 0.5]), here, random);
    rejection.judge(distributionOf([0.9, 0.1]), guess, here, random);
    rejection.judge(distributionOf([0.9, 0.1]), undefined, here, random);
    keys.push(...random.calls.map(({ key }) => key));
  }
  expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(8);
});
