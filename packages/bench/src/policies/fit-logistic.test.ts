import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { fitLogistic, logisticOf } from "./fit-logistic.ts";

test("finds the weights that made the answers", () => {
  const random = createTestRandom(4);
  const truth = [0.5, -1.5, 2];
  const features = Array.from({ length: 20_000 }, () => [1, random.normal(), random.normal()]);
  const answers = features.map((one) => random.next() < logisticOf(truth, one));
  const weights = fitLogistic(features, answers);
  truth.forEach((value, index) => {
    expect(weights[index]).toBeCloseTo(value, 0.9);
  });
});

test("stays finite where the answer is always the same, and where features are alike", () => {
  const features = Array.from({ length: 50 }, () => [1, 2, 2]);
  const weights = fitLogistic(
    features,
    features.map(() => true),
  );
  expect(weights.every(Number.isFinite)).toBe(true);
  expect(logisticOf(weights, [1, 2, 2])).toBeGreaterThan(0.99);
});
