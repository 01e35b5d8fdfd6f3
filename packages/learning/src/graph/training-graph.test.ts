import { type DecoderSpec, planWeights } from "@adaedl/model";
import type { WeightPlan } from "@adaedl/model/onnx";
import { createTestRandom } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import type { TrainingBatch } from "../batch.ts";
import {
  type ReferenceTarget,
  referenceLogits,
  referenceLoss,
  type Weights,
} from "../reference-training.cases.ts";
import { openTrainingSession } from "../worker/training-session.ts";
import { lossNames, type TrainingShape } from "./training-io.ts";

const plain: DecoderSpec = {
  architecture: "llama",
  vocabSize: 40,
  hiddenSize: 16,
  numLayers: 1,
  numHeads: 2,
  numKeyValueHeads: 2,
  headDim: 8,
  intermediateSize: 20,
  contextLength: 64,
  rmsNormEps: 1e-5,
  hasTiedHead: true,
  hasQkvBias: false,
  hasOutputBias: false,
  hasMlpBias: false,
  ropeType: "default",
  inverseFrequencies: [1, 0.3, 0.1, 0.03],
};
const grouped = { numHeads: 3, numKeyValueHeads: 1 };
const two = { numLayers: 2, numHeads: 4, numKeyValueHeads: 2 };

/** What the architectures differ in; names say which has it. */
const models: Readonly<Record<string, Partial<DecoderSpec>>> = {
  "llama, one layer": {},
  "llama, one layer, three heads on one": grouped,
  "llama, two layers, two heads on one": two,
  "llama, biases everywhere": { ...two, hasQkvBias: true, hasOutputBias: true, hasMlpBias: true },
  "mistral, a window of three tokens": { ...two, hasTiedHead: false, slidingWindow: 3 },
  "qwen2, biases of queries, keys and values": { ...grouped, hasQkvBias: true },
  "qwen3, norms of queries and keys, wide heads": {
    ...two,
    headDim: 10,
    qkNorm: "head",
    hasTiedHead: false,
    inverseFrequencies: [1, 0.5, 0.2, 0.1, 0.05],
  },
};

/** One more row and more places than there are texts and judged positions. */
const shape: TrainingShape = { numRows: 3, length: 6, numJudged: 9 };
const judged = [
  { row: 0, position: 1 },
  { row: 0, position: 5 },
  { row: 0, position: 3 },
  { row: 1, position: 0 },
  { row: 1, position: 2 },
];

function randomWeights(plan: WeightPlan, seed: number): Map<string, Float32Array> {
  const random = createTestRandom(seed);
  return new Map(
    [...plan].map(([name, dims]) => {
      const size = dims.reduce((a, b) => a * b, 1);
      const isNorm = /norm/.test(name);
      const spread = isNorm ? 0.2 : dims.length === 1 ? 0.3 : 0.4;
      return [
        name,
        Float32Array.from({ length: size }, () => Number(isNorm) + spread * random.normal()),
      ];
    }),
  );
}

function caseOf(changes: Partial<DecoderSpec>) {
  const spec = { ...plain, ...changes };
  const plan = planWeights(spec, new Set());
  const random = createTestRandom(7);
  const textOf = (length: number) => Array.from({ length }, () => random.integer(spec.vocabSize));
  const rows = [textOf(6), textOf(4)];
  const logits = Float32Array.from(
    { length: judged.length * spec.vocabSize },
    () => 1.5 * random.normal(),
  );
  const weights = randomWeights(plan, 1);
  const frozen = randomWeights(plan, 2);
  const asDoubles = (tensors: Map<string, Float32Array>): Weights =>
    new Map([...tensors].map(([name, values]) => [name, Float64Array.from(values)]));
  const logitsAt = (from: Weights) => {
    const perRow = rows.map((row) => referenceLogits(spec, from, row));
    return judged.map(({ row, position }) => perRow[row]?.[position] as Float64Array);
  };
  const frozenLogits = logitsAt(asDoubles(frozen));
  const targets: ReferenceTarget[] = judged.map((_, index) => {
    const own = Float64Array.from(
      logits.subarray(index * spec.vocabSize, (index + 1) * spec.vocabSize),
    );
    const topIds = [...own.keys()]
      .sort((a, b) => (own[b] as number) - (own[a] as number))
      .slice(0, 16);
    return { logits: own, topIds, frozenLogits: frozenLogits[index] as Float64Array };
  });
  const lossesAt = (from: Weights) => {
    const all = logitsAt(from);
    return lossNames.map(
      (name) =>
        targets.reduce(
          (sum, target, index) => sum + referenceLoss(name, target, all[index] as Float64Array),
          0,
        ) / judged.length,
    );
  };
  const topOf = ({ logits: own, topIds }: ReferenceTarget) => {
    const logSum = Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0));
    return topIds.map((id) => (own[id] as number) - logSum);
  };
  const top = {
    topIds: Int32Array.from(targets.flatMap(({ topIds }) => topIds)),
    topLogprobs: Float32Array.from(targets.flatMap(topOf)),
  };
  const batchOf = (loss: string): TrainingBatch => ({
    rows,
    judged,
    target: loss === "tv-top16" ? top : { logits },
  });
  return { spec, plan, weights, frozen, doubles: asDoubles(weights), logitsAt, lossesAt, batchOf };
}

/** A change of one tensor: of one of its numbers, or of all of them. [its size] */
type Direction = Float64Array;

/** Single numbers of a tensor, the one with the largest gradient among them, and changes of all of them. */
function directionsOf(gradient: Float32Array): Direction[] {
  const random = createTestRandom(gradient.length);
  const size = gradient.length;
  const steepest = gradient.findIndex((value) => Math.abs(value) === largest(gradient));
  const places = [steepest, ...Array.from({ length: 4 }, () => random.integer(size))];
  const single = places.map((place) => new Float64Array(size).fill(1, place, place + 1));
  const whole = Array.from({ length: 2 }, () =>
    Float64Array.from({ length: size }, () => (random.next() < 0.5 ? -1 : 1) / Math.sqrt(size)),
  );
  return [...single, ...whole];
}

/** Central differences of all losses. [losses] */
function slopesAlong(
  { doubles, lossesAt }: ReturnType<typeof caseOf>,
  name: string,
  direction: Direction,
): number[] {
  const values = doubles.get(name) as Float64Array;
  const step = 2e-5;
  const lossesAfter = (change: number) =>
    lossesAt(
      new Map([
        ...doubles,
        [name, values.map((value, i) => value + change * (direction[i] as number))],
      ]),
    );
  const [above, below] = [lossesAfter(step), lossesAfter(-step)];
  return above.map((loss, index) => (loss - (below[index] as number)) / (2 * step));
}

const largest = (values: Iterable<number>) => {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
};

describe.each(Object.entries(models))("%s", (_, changes) => {
  const model = caseOf(changes);
  const { spec, plan, weights, frozen } = model;

  test("logits are the float64 copy's", async () => {
    const session = await openTrainingSession(spec, plan, "logits", shape);
    const logits = await session.logits(weights, model.batchOf("tv"));
    await session.close();
    const expected = model.logitsAt(model.doubles).flatMap((row) => [...row]);
    expect(logits).toHaveLength(expected.length);
    expect(largest(expected.map((value, at) => value - (logits[at] as number)))).toBeLessThan(
      1e-5 * largest(expected),
    );
  });

  test("every tensor's gradient of every loss is what differences of the float64 copy say", async () => {
    const losses = model.lossesAt(model.doubles);
    const known = new Map<string, number[]>();
    const slopeOf = (tensor: string, at: number, direction: Direction, loss: number) => {
      const key = `${tensor} ${at} ${direction.indexOf(1)}`;
      const slopes = known.get(key) ?? slopesAlong(model, tensor, direction);
      known.set(key, slopes);
      return slopes[loss] as number;
    };
    for (const [index, name] of lossNames.entries())
      for (const recomputesLayers of [false, true]) {
        const session = await openTrainingSession(spec, plan, name, shape, { recomputesLayers });
        const { loss, gradients } = await session.gradients(weights, frozen, model.batchOf(name));
        await session.close();
        expect(Math.abs(loss - (losses[index] as number))).toBeLessThan(1e-6);
        expect([...gradients.keys()].sort()).toEqual([...plan.keys()].sort());
        for (const [tensor, gradient] of gradients)
          for (const [at, direction] of directionsOf(gradient).entries()) {
            const slope = gradient.reduce(
              (sum, value, i) => sum + value * (direction[i] as number),
              0,
            );
            const error = Math.abs(slope - slopeOf(tensor, at, direction, index));
            expect(error / largest(gradient), `${name} ${tensor}`).toBeLessThan(1e-5);
          }
      }
  }, 120_000);
});
