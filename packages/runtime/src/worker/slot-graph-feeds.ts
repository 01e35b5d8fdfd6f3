import { type DecoderSpec, type GraphKind, graphInputs } from "@adaedl/model/graphs";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { blocksInPlace, type FeedStep, groupFeeds, wholeNumbers } from "./group-feeds.ts";
import type { StepGroup } from "./group-steps.ts";

export interface StepFeeds {
  readonly kind: GraphKind;
  readonly inputs: InferenceSession.FeedsType;
  /** Rows that are read, of all steps together (at least one: the graph wants it). */
  readonly numRows: number;
}

/**
 * The graph's inputs for groups of steps; their tokens come in the order of the groups.
 * @param groups as many as there is a graph for
 */
export function stepFeeds(spec: DecoderSpec, groups: readonly StepGroup<FeedStep>[]): StepFeeds {
  const half = spec.headDim / 2;
  const steps = groups.flatMap((group) => group.steps);
  const numTokens = steps.reduce((sum, step) => sum + step.numTokens, 0);
  const cosines = new Float32Array(numTokens * half);
  const sines = new Float32Array(numTokens * half);
  const scale = spec.rotationScale ?? 1;
  const rows: number[] = [];
  const inverseTemperatures: number[] = [];

  let token = 0;
  for (const { rows: read, temperature, tokenIds, cache } of steps) {
    for (const row of read) {
      rows.push(token + row);
      inverseTemperatures.push(1 / temperature);
    }
    for (let index = 0; index < tokenIds.length; index++) {
      const position = cache.text.length + index;
      spec.inverseFrequencies.forEach((frequency, pair) => {
        cosines[token * half + pair] = scale * Math.cos(position * frequency);
        sines[token * half + pair] = scale * Math.sin(position * frequency);
      });
      token++;
    }
  }
  if (rows.length === 0) {
    rows.push(0);
    inverseTemperatures.push(1);
  }

  const numInPlace = blocksInPlace(spec, groups);
  const sizes = groups.map((group) => group.steps.reduce((sum, step) => sum + step.numTokens, 0));
  const inputs: Record<string, Tensor> = {};
  let firstToken = 0;
  groups.forEach((group, at) => {
    Object.assign(inputs, groupFeeds(spec, group, at, firstToken, numInPlace));
    firstToken += sizes[at] as number;
  });

  const tokenIds = steps.flatMap((step) => step.tokenIds);
  inputs[graphInputs.tokenIds] = wholeNumbers(tokenIds, [numTokens]);
  inputs[graphInputs.cosines] = new Tensor("float32", cosines, [numTokens, 1, half]);
  inputs[graphInputs.sines] = new Tensor("float32", sines, [numTokens, 1, half]);
  inputs[graphInputs.rows] = wholeNumbers(rows, [rows.length]);
  if (groups.length > 1) inputs[graphInputs.groupSizes] = wholeNumbers(sizes, [sizes.length]);
  const temperatures = Float32Array.from(inverseTemperatures);
  inputs[graphInputs.inverseTemperatures] = new Tensor("float32", temperatures, [rows.length, 1]);
  const kind = numInPlace > 0 ? "long" : (groups.length as GraphKind);
  return { kind, inputs, numRows: rows.length };
}
