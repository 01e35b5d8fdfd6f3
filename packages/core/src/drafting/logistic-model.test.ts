import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { createLogisticModel } from "./logistic-model.ts";

const broad = [0, 0, 0].map((mean) => ({ mean, variance: 4 }));

test("learns the weights that made the answers, from each case once", () => {
  const random = createTestRandom(9);
  const truth = createLogisticModel([0.5, -1, 1.5].map((mean) => ({ mean, variance: 0 })));
  const model = createLogisticModel(broad);
  const draw = () => [1, random.normal(), random.normal()];
  for (let index = 0; index < 20_000; index++) {
    const features = draw();
    model.learn(features, random.next() < truth.predict(features));
  }
  for (let index = 0; index < 20; index++) {
    const features = draw();
    expect(model.predict(features)).toBeCloseTo(truth.predict(features), 1);
  }
});

test("without doubt there is nothing to learn", () => {
  const model = createLogisticModel([{ mean: 1, variance: 0 }]);
  for (let index = 0; index < 100; index++) model.learn([1], false);
  expect(model.predict([1])).toBe(1 / (1 + Math.exp(-1)));
});

test("a fork learns on its own, and the faster the more it doubts", () => {
  const model = createLogisticModel(broad);
  for (let index = 0; index < 50; index++) model.learn([1, 0, 0], true);
  const before = model.predict([1, 0, 0]);
  const [calm, nervous] = [model.fork(1), model.fork(10)];
  for (const fork of [calm, nervous]) fork.learn([1, 0, 0], false);
  expect(model.predict([1, 0, 0])).toBe(before);
  expect(calm.predict([1, 0, 0])).toBeLessThan(before);
  expect(nervous.predict([1, 0, 0])).toBeLessThan(calm.predict([1, 0, 0]));
});

test("stays a probability whatever it is told", () => {
  const model = createLogisticModel(broad);
  for (let index = 0; index < 1_000; index++) model.learn([1, 50, -50], index % 2 === 0);
  const probability = model.predict([1, 50, -50]);
  expect(probability).toBeGreaterThanOrEqual(0);
  expect(probability).toBeLessThanOrEqual(1);
});
