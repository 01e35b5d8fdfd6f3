import { createTestRandom } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { adamStep, defaultAdam, newOptimizerState } from "./adam.ts";
import { learningRateAt } from "./learning-rate.ts";

const unclipped = { ...defaultAdam, maxGradientNorm: Number.POSITIVE_INFINITY };
const one = (...values: number[]) => new Map([["w", Float32Array.from(values)]]);

describe("Adam", () => {
  test("follows the paper's update, with the biases of the first steps corrected", () => {
    const random = createTestRandom(3);
    const state = newOptimizerState(one(1, -2, 0.5));
    const weights = [1, -2, 0.5];
    const [means, squares, averages] = [[0, 0, 0], [0, 0, 0], [...weights]];
    for (let step = 1; step <= 20; step++) {
      const gradient = weights.map(() => random.normal());
      adamStep(state, one(...gradient), 0.01, unclipped);
      gradient.forEach((slope, i) => {
        means[i] = 0.9 * (means[i] as number) + 0.1 * slope;
        squares[i] = 0.99 * (squares[i] as number) + 0.01 * slope ** 2;
        const mean = (means[i] as number) / (1 - 0.9 ** step);
        const square = (squares[i] as number) / (1 - 0.99 ** step);
        weights[i] = (weights[i] as number) - (0.01 * mean) / (Math.sqrt(square) + 1e-8);
        const decay = (1 + step) / (10 + step);
        averages[i] = decay * (averages[i] as number) + (1 - decay) * (weights[i] as number);
      });
    }
    weights.forEach((weight, i) => {
      expect(state.weights.get("w")?.[i]).toBeCloseTo(weight, 5);
      expect(state.averages.get("w")?.[i]).toBeCloseTo(averages[i] as number, 5);
    });
    expect(state.numSteps).toBe(20);
  });

  test("clips by the norm over all tensors", () => {
    const gradients = new Map([
      ["a", Float32Array.of(3)],
      ["b", Float32Array.of(0, 4)],
    ]);
    const weights = () =>
      new Map([
        ["a", Float32Array.of(0)],
        ["b", Float32Array.of(0, 0)],
      ]);
    const [clipped, scaled] = [newOptimizerState(weights()), newOptimizerState(weights())];
    expect(adamStep(clipped, gradients, 1, { ...unclipped, maxGradientNorm: 2.5 })).toBe(5);
    const halves = new Map(
      [...gradients].map(([name, values]) => [name, values.map((v) => v / 2)]),
    );
    expect(adamStep(scaled, halves, 1, unclipped)).toBe(2.5);
    expect(clipped).toEqual(scaled);
    expect(clipped.means.get("b")?.[1]).toBeCloseTo(0.2, 6);
  });

  test("a gradient that is not finite changes nothing", () => {
    const state = newOptimizerState(one(1, 2));
    const before = structuredClone(state);
    expect(adamStep(state, one(Number.NaN, 1), 0.1)).toBeNaN();
    expect(adamStep(state, one(Number.POSITIVE_INFINITY, 1), 0.1)).toBe(Number.POSITIVE_INFINITY);
    expect(state).toEqual(before);
  });
});

describe("the learning rate", () => {
  test("rises by steps, and falls to 0 by the part that is done", () => {
    const schedule = { peak: 2, warmupSteps: 4 };
    const rates = [
      ...[0, 1, 2, 3, 4].map((step) => learningRateAt(schedule, step, 0)),
      ...[1 / 3, 1 / 2, 1, 1.1].map((progress) => learningRateAt(schedule, 99, progress)),
      learningRateAt(schedule, 1, 1 / 2),
    ];
    [0.5, 1, 1.5, 2, 2, 1.5, 1, 0, 0, 0.5].forEach((rate, at) => {
      expect(rates[at]).toBeCloseTo(rate, 12);
    });
  });

  test("stays at its peak without an end", () => {
    const schedule = { peak: 2, warmupSteps: 0 };
    expect([0, 5, 500].map((step) => learningRateAt(schedule, step, 0))).toEqual([2, 2, 2]);
  });
});
