import { matchProbabilities } from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { matchOfTops } from "./match-of-tops.ts";

const softmax = (logits: Float32Array) => {
  const weights = Float64Array.from(logits, Math.exp);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

test("is exact where all but one token are known, and no less than exact for any number", () => {
  const random = createTestRandom(1);
  const logitsOf = () => Float32Array.from({ length: 17 }, () => 4 * random.next() - 2);
  for (let round = 0; round < 20; round++) {
    const [target, draft] = [softmax(logitsOf()), logitsOf()];
    const matches = matchProbabilities(target, softmax(draft));
    const ids = Int32Array.from(target.keys()).sort(
      (a, b) => (target[b] as number) - (target[a] as number),
    );
    const matchOf = (numTop: number) => {
      const known = ids.subarray(0, numTop);
      const logprobs = Float32Array.from(known, (id) => Math.log(target[id] as number));
      return matchOfTops(known, logprobs, draft);
    };
    const exactOf = (numTop: number) =>
      ids.subarray(0, numTop).reduce((sum, id) => sum + (matches[id] as number), 0);
    expect(matchOf(16)).toBeCloseTo(exactOf(16), 6);
    for (const numTop of [1, 5, 10])
      expect(matchOf(numTop)).toBeGreaterThan(exactOf(numTop) - 1e-6);
  }
});
