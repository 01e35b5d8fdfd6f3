import { AdaedlError } from "@adaedl/core";
import type { DecoderSpec } from "@adaedl/model";
import { embeddingName, type WeightPlan } from "@adaedl/model/onnx";
import { openGraph } from "@adaedl/runtime/worker";
import type { TrainingBatch } from "../batch.ts";
import { buildTrainingGraph, type TrainingGraphKind } from "../graph/training-graph.ts";
import {
  constantInputs,
  type TrainingShape,
  trainingInputs,
  trainingOutputs,
} from "../graph/training-io.ts";
import type { Tensors } from "../optimizer/adam.ts";
import { batchInputs } from "./batch-inputs.ts";

/** One graph, open. */
export interface TrainingSession {
  /**
   * The loss of a batch, and its gradients.
   * @param frozen weights of the draft before training; for `tv-top16`
   * @param totalWeight judged positions of all batches of the step: each counts one part of that
   */
  gradients(
    weights: Tensors,
    frozen: Tensors,
    batch: TrainingBatch,
    totalWeight?: number,
  ): Promise<{ loss: number; gradients: Map<string, Float32Array> }>;
  /** Logits of the judged positions. [judged, vocabSize] */
  logits(weights: Tensors, batch: TrainingBatch): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @param numThreads more than one makes sums in another order: results differ in the last bits */
export async function openTrainingSession(
  spec: DecoderSpec,
  plan: WeightPlan,
  kind: TrainingGraphKind,
  shape: TrainingShape,
  { recomputesLayers = false, numThreads = 1 } = {},
): Promise<TrainingSession> {
  const graph = buildTrainingGraph(spec, plan, kind, shape, recomputesLayers);
  const session = await openGraph(graph, { numThreads });
  const { numRows, length } = shape;
  const { cosines, sines, mask } = constantInputs(spec, shape);
  const angles = [numRows, length, spec.headDim / 2];
  const constants = {
    [trainingInputs.cosines]: { data: cosines, dims: angles },
    [trainingInputs.sines]: { data: sines, dims: angles },
    [trainingInputs.mask]: { data: mask, dims: [length, length] },
  };
  const weightInputs = (tensors: Tensors, nameOf: (name: string) => string) =>
    Object.fromEntries(
      [...plan].map(([name, dims]) => [
        nameOf(name),
        { data: tensors.get(name) as Float32Array, dims },
      ]),
    );

  return {
    async gradients(weights, frozen, batch, totalWeight = batch.judged.length) {
      const outputs = await session.run({
        ...constants,
        ...weightInputs(weights, (name) => name),
        ...(kind === "tv-top16" ? weightInputs(frozen, trainingInputs.frozen) : {}),
        ...batchInputs(spec, kind, shape, batch, totalWeight),
      });
      const [loss = Number.NaN] = outputs.get(trainingOutputs.loss) ?? [];
      return { loss, gradients: gradientsOf(outputs, spec, plan, batch, shape) };
    },
    async logits(weights, batch) {
      const outputs = await session.run({
        ...constants,
        ...weightInputs(weights, (name) => name),
        ...batchInputs(spec, kind, shape, batch, batch.judged.length),
      });
      const logits = outputs.get(trainingOutputs.logits) as Float32Array;
      return logits.subarray(0, batch.judged.length * spec.vocabSize);
    },
    close: session.close,
  };
}

/** The embedding's gradient gets that of each look-up added to its row: in one order, whatever threads there are. */
function gradientsOf(
  outputs: Tensors,
  { hiddenSize }: DecoderSpec,
  plan: WeightPlan,
  { rows }: TrainingBatch,
  { length }: TrainingShape,
): Map<string, Float32Array> {
  const gradients = new Map<string, Float32Array>();
  for (const [name, dims] of plan) {
    const output = outputs.get(trainingOutputs.gradient(name));
    if (output === undefined && name !== embeddingName)
      throw new AdaedlError("internal", `the training graph has no gradient of ${name}`);
    gradients.set(name, output ?? new Float32Array(dims.reduce((a, b) => a * b, 1)));
  }
  const lookedUp = outputs.get(trainingOutputs.lookUpGradient) as Float32Array;
  const embedding = gradients.get(embeddingName) as Float32Array;
  rows.forEach((tokenIds, row) => {
    tokenIds.forEach((tokenId, position) => {
      const [from, to] = [(row * length + position) * hiddenSize, tokenId * hiddenSize];
      for (let i = 0; i < hiddenSize; i++)
        embedding[to + i] = (embedding[to + i] as number) + (lookedUp[from + i] as number);
    });
  });
  return gradients;
}
