import { chiSquareTest } from "@adaedl/testing";
import { expect, test } from "vitest";
import { rejection } from "../verification/rejection.ts";
import type { TokenDistribution } from "./distribution.ts";
import { candidateProbs, tokenIdAt } from "./distribution.ts";
import { guessEvidence } from "./evidence.ts";
import { createRandomness } from "./randomness.ts";
import { restrictTokens } from "./restrict.ts";

const shape = { inverseTemperature: 1, entropy: 1, topProb: 0.5, likelyIndex: 1 };
const whole: TokenDistribution = { logits: Float32Array.of(0, 2, 1, 3), ...shape };
const listed: TokenDistribution = {
  tokenIds: Int32Array.of(7, 3, 9, 1),
  logits: Float32Array.of(4, 3, 2, 1),
  ...shape,
};

test("leaves a distribution alone that has no token beyond the limit", () => {
  expect(restrictTokens(whole, 4)).toBe(whole);
  expect(restrictTokens(listed, 10)).toBe(listed);
});

test("removes the tokens from the limit on and keeps the odds between the others", () => {
  const cut = restrictTokens(whole, 2) as TokenDistribution;
  expect([...cut.logits]).toEqual([0, 2]);
  expect(cut.likelyIndex).toBe(1);
  const filtered = restrictTokens(listed, 7) as TokenDistribution;
  expect([0, 1].map((index) => tokenIdAt(filtered, index))).toEqual([3, 1]);
  const [first = 0, second = 0] = candidateProbs(filtered);
  expect(first / second).toBeCloseTo(Math.exp(2), 10);
});

test("describes a drawn token although the most probable one was removed", () => {
  for (const distribution of [
    restrictTokens({ ...whole, likelyIndex: 3 }, 3),
    restrictTokens(listed, 7),
  ]) {
    const { guessProb, topProb } = guessEvidence(distribution as TokenDistribution, 1);
    expect(guessProb).toBeGreaterThan(0);
    expect(guessProb).toBeLessThanOrEqual(topProb);
  }
});

test("knows the most probable candidate as long as it is kept", () => {
  const kept = { ...listed, likelyIndex: 1 };
  expect(restrictTokens(kept, 4)).toMatchObject({ likelyIndex: 0 }); // of tokens 3 and 1
  expect(guessEvidence(restrictTokens(kept, 4) as TokenDistribution, 3)).toMatchObject({
    topProb: 0.5,
    guessProb: 0.5,
  });
  expect(restrictTokens(kept, 2)?.likelyIndex).toBeUndefined();
});

test("says when no candidate is left", () => {
  expect(restrictTokens(listed, 1)).toBeUndefined();
});

test("the rejection rule follows the target exactly with a draft of fewer tokens", () => {
  const target: TokenDistribution = { logits: Float32Array.of(1, 0, 2, 1), ...shape };
  const draft = restrictTokens(whole, 3) as TokenDistribution; // whole would draft token 3 most
  const random = createRandomness(11);
  const counts = [0, 0, 0, 0];
  for (let position = 0; position < 20_000; position++) {
    const place = { position, roundStart: position };
    const guess = rejection.guess(draft, place, random);
    expect(guess.tokenId).toBeLessThan(3);
    const { tokenId } = rejection.judge(target, guess, place, random);
    counts[tokenId] = (counts[tokenId] ?? 0) + 1;
  }
  expect(chiSquareTest(counts, [...candidateProbs(target)]).pValue).toBeGreaterThan(1e-4);
});
