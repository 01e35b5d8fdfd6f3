import { chiSquareTest, totalVariation } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { candidateProbs } from "../sampling/distribution.ts";
import { createRandomness } from "../sampling/randomness.ts";
import {
  agreementOf,
  countTokens,
  distributionOf,
  randomDistribution,
} from "./distributions.cases.ts";
import { sharedNoise } from "./shared-noise.ts";

const pairs = [
  {
    closeness: "far apart",
    target: randomDistribution(1, 8, 2),
    draft: randomDistribution(2, 8, 2),
  },
  { closeness: "near", target: randomDistribution(3, 8, 1), draft: randomDistribution(4, 8, 1) },
  {
    closeness: "close",
    target: distributionOf([0.5, 0.3, 0.15, 0.05]),
    draft: distributionOf([0.45, 0.35, 0.12, 0.08]),
  },
];

describe.each(pairs)("target and draft $closeness", ({ target, draft }) => {
  const numDraws = 20_000;

  test("the text is the target's alone: no guess changes it", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandomness(seed);
      const place = { position: 12, roundStart: 10 };
      const plain = sharedNoise.judge(target, undefined, place, random);
      expect(plain.isAccepted).toBe(false);
      for (let tokenId = 0; tokenId < target.logits.length; tokenId++) {
        const laterRound = { position: 12, roundStart: 12 };
        expect(sharedNoise.judge(target, { tokenId }, laterRound, random)).toEqual({
          tokenId: plain.tokenId,
          isAccepted: tokenId === plain.tokenId,
        });
      }
    }
  });

  test("both sides draw from their own distributions", () => {
    const place = (position: number) => ({ position, roundStart: 0 });
    const random = createRandomness(6);
    const size = target.logits.length;
    const drawn = countTokens(size, numDraws, (position) => {
      return sharedNoise.judge(target, undefined, place(position), random).tokenId;
    });
    expect(chiSquareTest(drawn, [...candidateProbs(target)]).pValue).toBeGreaterThan(1e-4);
    const guessed = countTokens(size, numDraws, (position) => {
      return sharedNoise.guess(draft, place(position), random).tokenId;
    });
    expect(chiSquareTest(guessed, [...candidateProbs(draft)]).pValue).toBeGreaterThan(1e-4);
  });

  test("guesses are accepted as often as theory says, never below (1 - TV) / (1 + TV)", () => {
    const expected = agreementOf(target, draft);
    const distance = totalVariation(candidateProbs(target), candidateProbs(draft));
    expect(expected).toBeGreaterThanOrEqual((1 - distance) / (1 + distance));

    const random = createRandomness(7);
    let numAccepted = 0;
    for (let position = 0; position < numDraws; position++) {
      const place = { position, roundStart: position };
      const guess = sharedNoise.guess(draft, place, random);
      if (sharedNoise.judge(target, guess, place, random).isAccepted) numAccepted++;
    }
    const counts = [numAccepted, numDraws - numAccepted];
    expect(chiSquareTest(counts, [expected, 1 - expected]).pValue).toBeGreaterThan(1e-4);
  });
});

test("equal distributions always agree, disjoint ones never", () => {
  const left = distributionOf([0.2, 0.8], [0, 1]);
  const right = distributionOf([0.2, 0.8], [2, 3]);
  for (let seed = 0; seed < 500; seed++) {
    const random = createRandomness(seed);
    const place = { position: 3, roundStart: 3 };
    const guess = sharedNoise.guess(left, place, random);
    expect(sharedNoise.judge(left, guess, place, random).isAccepted).toBe(true);
    expect(sharedNoise.judge(right, guess, place, random).isAccepted).toBe(false);
  }
});

test("a guess is a token id and by how much it won, which only the stopping rule is told", () => {
  const place = { position: 3, roundStart: 3 };
  const guess = sharedNoise.guess(distributionOf([0.5, 0.5]), place, createRandomness(1));
  expect(Object.keys(guess)).toEqual(["tokenId", "margin"]);
});

test("proposes its guess and the runners-up, with the probability of each", () => {
  const draft = distributionOf([0.5, 0.25, 0.2, 0.05], [3, 7, 1, 9]);
  const probs = new Map([
    [3, 0.5],
    [7, 0.25],
    [1, 0.2],
    [9, 0.05],
  ]);
  for (let seed = 0; seed < 200; seed++) {
    const random = createRandomness(seed);
    const place = { position: 12, roundStart: 10 };
    const { tokenId, margin } = sharedNoise.guess(draft, place, random);
    const proposed = sharedNoise.propose(draft, { ...place, roundStart: 11 }, random, 3);
    expect(proposed).toHaveLength(3);
    expect(proposed[0]).toMatchObject({ tokenId, behind: 0 });
    expect(proposed[1]?.behind).toBe(margin);
    for (const { tokenId, prob } of proposed)
      expect(prob).toBeCloseTo(probs.get(tokenId) as number, 12);
  }
});

test("the text of seed 2024 is known: recorded outputs must stay what they are", () => {
  const target = distributionOf(new Array<number>(8).fill(1 / 8));
  const random = createRandomness(2024);
  const text = Array.from({ length: 16 }, (_, position) => {
    return sharedNoise.judge(target, undefined, { position, roundStart: 0 }, random).tokenId;
  });
  expect(text).toEqual([0, 1, 1, 6, 6, 1, 2, 3, 2, 3, 4, 7, 7, 4, 1, 2]);
});
