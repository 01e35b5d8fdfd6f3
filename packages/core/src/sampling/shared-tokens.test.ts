import { chiSquareTest } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { rejection } from "../verification/rejection.ts";
import type { TokenDistribution } from "./distribution.ts";
import { candidateProbs, tokenIdAt } from "./distribution.ts";
import { guessEvidence } from "./evidence.ts";
import { createRandomness } from "./randomness.ts";
import { inTargetIds, withoutToken } from "./shared-tokens.ts";

const shape = { inverseTemperature: 1, entropy: 1, topProb: 0.5, head: Int32Array.of(1) };
const whole: TokenDistribution = { logits: Float32Array.of(0, 2, 1, 3), ...shape };
const listed: TokenDistribution = {
  tokenIds: Int32Array.of(7, 3, 9, 1),
  logits: Float32Array.of(4, 3, 2, 1),
  ...shape,
};

test("leaves a distribution alone that has no token beyond the limit", () => {
  expect(inTargetIds(whole, { numSame: 4 })).toBe(whole);
  expect(inTargetIds(listed, { numSame: 10 })).toBe(listed);
});

test("removes the tokens from the limit on and keeps the odds between the others", () => {
  const cut = inTargetIds(whole, { numSame: 2 }) as TokenDistribution;
  expect([...cut.logits]).toEqual([0, 2]);
  expect(cut.head).toEqual(Int32Array.of(1));
  const filtered = inTargetIds(listed, { numSame: 7 }) as TokenDistribution;
  expect([0, 1].map((index) => tokenIdAt(filtered, index))).toEqual([3, 1]);
  const [first = 0, second = 0] = candidateProbs(filtered);
  expect(first / second).toBeCloseTo(Math.exp(2), 10);
});

test("describes a drawn token although the most probable one was removed", () => {
  for (const distribution of [
    inTargetIds({ ...whole, head: Int32Array.of(3, 1) }, { numSame: 3 }),
    inTargetIds(listed, { numSame: 7 }),
  ]) {
    const { guessProb, topProb } = guessEvidence(distribution as TokenDistribution, 1);
    expect(guessProb).toBeGreaterThan(0);
    expect(guessProb).toBeLessThanOrEqual(topProb);
  }
});

test("knows the most probable candidate as long as it is kept", () => {
  const kept = { ...listed, head: Int32Array.of(1) };
  expect(inTargetIds(kept, { numSame: 4 })?.head).toEqual(Int32Array.of(0)); // of tokens 3 and 1
  expect(guessEvidence(inTargetIds(kept, { numSame: 4 }) as TokenDistribution, 3)).toMatchObject({
    topProb: 0.5,
    guessProb: 0.5,
  });
  expect(inTargetIds(kept, { numSame: 2 })?.head).toBeUndefined();
});

test("says when no candidate is left", () => {
  expect(inTargetIds(listed, { numSame: 1 })).toBeUndefined();
});

describe("a token that never stands in a text", () => {
  test("is left out of a vocabulary and of a list, the odds stay", () => {
    const others = withoutToken(whole, 1) as TokenDistribution;
    expect([...candidateProbs(others)][1]).toBe(0);
    const [first = 0, , third = 0] = candidateProbs(others);
    expect(third / first).toBeCloseTo(Math.exp(1), 10);
    expect(others.head).toBeUndefined();
    expect(whole.logits[1]).toBe(2); // the model's own row is not touched
    const list = withoutToken(listed, 9) as TokenDistribution;
    expect([...(list.tokenIds ?? [])]).toEqual([7, 3, 1]);
    expect(list.head).toEqual(Int32Array.of(1));
  });

  test("changes nothing where it is no candidate, and leaves nothing where it is the only one", () => {
    expect(withoutToken(listed, 2)).toBe(listed);
    expect(withoutToken({ ...whole, head: Int32Array.of(3, 1, 2) }, 2)?.head).toEqual(
      Int32Array.of(3, 1),
    );
    const alone = { ...listed, tokenIds: Int32Array.of(5), logits: Float32Array.of(1) };
    expect(withoutToken(alone, 5)).toBeUndefined();
  });
});

describe("other ids of the same tokens", () => {
  /** The target has tokens 3, 1 and 0 of four, under these ids. */
  const shared = { targetIds: Int32Array.of(40, 20, -1, 10), sharedIds: Int32Array.of(0, 1, 3) };
  const idsOf = ({ tokenIds = new Int32Array() }: TokenDistribution) => [...tokenIds];

  test("take the place of the draft's, the odds stay", () => {
    const renamed = inTargetIds(whole, shared) as TokenDistribution;
    expect(idsOf(renamed)).toEqual([40, 20, 10]);
    expect([...renamed.logits]).toEqual([0, 2, 3]);
    expect(renamed.head).toEqual(Int32Array.of(1));
    const list = inTargetIds(listed, shared) as TokenDistribution; // 7 and 9 are none of the target's
    expect(idsOf(list)).toEqual([10, 20]);
    expect([...list.logits]).toEqual([3, 1]);
    expect(inTargetIds({ ...listed, tokenIds: Int32Array.of(2, 7, 8, 9) }, shared)).toBeUndefined();
  });

  test("keep the order of a greedy list, and make one of a greedy vocabulary", () => {
    const ranked = inTargetIds({ ...whole, isGreedy: true }, shared) as TokenDistribution;
    expect(idsOf(ranked)).toEqual([10, 20, 40]);
    expect([...ranked.logits]).toEqual([3, 2, 0]);
    const random = createRandomness(1);
    const key = { purpose: "token", position: 5, roundStart: 0 } as const;
    expect(random.chooseCandidates(ranked, key, 2)).toEqual([
      { tokenId: 10, behind: 0 },
      { tokenId: 20, behind: 1 },
    ]);
  });

  test("meet the target's noise: a draft with the target's odds drafts the target's tokens", () => {
    const target: TokenDistribution = {
      tokenIds: Int32Array.of(10, 20, 40),
      logits: Float32Array.of(3, 2, 0),
      inverseTemperature: 1,
      entropy: 1,
    };
    const draft = inTargetIds(whole, shared) as TokenDistribution;
    const random = createRandomness(7);
    for (let position = 0; position < 1_000; position++) {
      const key = { purpose: "token", position, roundStart: 0 } as const;
      expect(random.chooseToken(draft, key)).toBe(random.chooseToken(target, key));
    }
  });

  test("a tokenizer with more tokens than its model has rows drafts none of them", () => {
    const more = { targetIds: Int32Array.of(3, -1, -1, -1, 5), sharedIds: Int32Array.of(0, 4) };
    const draft = inTargetIds(whole, more) as TokenDistribution;
    const random = createRandomness(7);
    const key = { purpose: "token", position: 5, roundStart: 0 } as const;
    expect(random.chooseCandidates(draft, key, 2)).toEqual([{ tokenId: 3, behind: 0 }]);
  });
});

test("the rejection rule follows the target exactly with a draft of fewer tokens", () => {
  const target: TokenDistribution = { logits: Float32Array.of(1, 0, 2, 1), ...shape };
  const draft = inTargetIds(whole, { numSame: 3 }) as TokenDistribution; // whole would draft token 3 most
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
