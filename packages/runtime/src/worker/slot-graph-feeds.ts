import { type DecoderSpec, graphInputs, maskedOut } from "@adaedl/model/graphs";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { BackendStep } from "./model-backend.ts";

export interface StepFeeds {
  readonly inputs: InferenceSession.FeedsType;
  /** Rows that are read, of all steps together (at least one: the graph wants it). */
  readonly numRows: number;
}

/** The graph's inputs for one step per slot; makes room in the caches for the new tokens. */
export function stepFeeds(spec: DecoderSpec, steps: readonly BackendStep[]): StepFeeds {
  const half = spec.headDim / 2;
  const numTokens = steps.reduce((sum, step) => sum + step.tokenIds.length, 0);
  const tokenIds = new BigInt64Array(numTokens);
  const cosines = new Float32Array(numTokens * half);
  const sines = new Float32Array(numTokens * half);
  const rows: number[] = [];
  const inverseTemperatures: number[] = [];
  const inputs: Record<string, Tensor> = {};

  let token = 0;
  steps.forEach((step, slot) => {
    for (const row of step.rows) {
      rows.push(token + row);
      inverseTemperatures.push(1 / step.temperature);
    }
    step.tokenIds.forEach((tokenId, index) => {
      tokenIds[token] = BigInt(tokenId);
      const position = step.cache.length + index;
      spec.inverseFrequencies.forEach((frequency, pair) => {
        cosines[token * half + pair] = Math.cos(position * frequency);
        sines[token * half + pair] = Math.sin(position * frequency);
      });
      token++;
    });
    Object.assign(inputs, slotInputs(spec, step, slot));
  });
  if (rows.length === 0) {
    rows.push(0);
    inverseTemperatures.push(1);
  }

  inputs[graphInputs.tokenIds] = new Tensor("int64", tokenIds, [numTokens]);
  inputs[graphInputs.cosines] = new Tensor("float32", cosines, [1, numTokens, half]);
  inputs[graphInputs.sines] = new Tensor("float32", sines, [1, numTokens, half]);
  inputs[graphInputs.rows] = wholeNumbers(rows);
  const temperatures = Float32Array.from(inverseTemperatures);
  inputs[graphInputs.inverseTemperatures] = new Tensor("float32", temperatures, [rows.length, 1]);
  if (steps.length > 1)
    inputs[graphInputs.slotSizes] = wholeNumbers(steps.map((step) => step.tokenIds.length));
  return { inputs, numRows: rows.length };
}

function slotInputs(spec: DecoderSpec, step: BackendStep, slot: number): Record<string, Tensor> {
  const { cache, tokenIds } = step;
  const pastLength = cache.length;
  cache.reserve(pastLength + tokenIds.length);
  const mask = causalMask(tokenIds.length, pastLength, cache.capacity, spec.slidingWindow);
  const inputs: Record<string, Tensor> = {
    [graphInputs.pastLength(slot)]: wholeNumbers([pastLength]),
    [graphInputs.mask(slot)]: new Tensor("float32", mask, [tokenIds.length, cache.capacity]),
  };
  // The caches themselves are handed over, not copies of them.
  const dims = [1, spec.numKeyValueHeads, cache.capacity, spec.headDim];
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const keys = new Tensor("float32", cache.keys(layer), dims);
    const values = new Tensor("float32", cache.values(layer), dims);
    inputs[graphInputs.pastKeys(slot, layer)] = keys;
    inputs[graphInputs.pastValues(slot, layer)] = values;
  }
  return inputs;
}

/** Token i sees the cache, the new tokens up to itself, and nothing outside of its window. */
function causalMask(
  numTokens: number,
  pastLength: number,
  capacity: number,
  slidingWindow = Number.POSITIVE_INFINITY,
): Float32Array {
  const mask = new Float32Array(numTokens * capacity).fill(maskedOut);
  for (let index = 0; index < numTokens; index++) {
    const end = pastLength + index + 1;
    const begin = Math.max(0, end - slidingWindow);
    mask.fill(0, index * capacity + begin, index * capacity + end);
  }
  return mask;
}

function wholeNumbers(values: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
}
