import type { DecoderSpec } from "@adaedl/model";
import type { WeightPlan } from "@adaedl/model/onnx";
import type { TrainingShape } from "./training-io.ts";

/** What layers may keep for the backward pass, whatever the size of the model. */
const smallBytes = 64 * 2 ** 20;

/** Bytes that the layers of a step keep for the backward pass, without the head's. */
export function activationBytes(spec: DecoderSpec, { numRows, length }: TrainingShape): number {
  const { hiddenSize, intermediateSize, numHeads, numKeyValueHeads, headDim, numLayers } = spec;
  const headSizes = headDim * (2 * numHeads + 2 * numKeyValueHeads);
  // Inputs, normed values and outputs of both halves; gate, sigmoid, silu, up and their product.
  const perToken = 7 * hiddenSize + 5 * intermediateSize + headSizes + numHeads * length;
  return 4 * numRows * length * perToken * numLayers;
}

/** Whether the backward pass computes layers anew: where keeping them takes more memory than the weights do. */
export function recomputesLayers(
  spec: DecoderSpec,
  plan: WeightPlan,
  shape: TrainingShape,
): boolean {
  const weightBytes = [...plan.values()].reduce(
    (sum, dims) => sum + dims.reduce((a, b) => a * b, 4),
    0,
  );
  return spec.numLayers > 1 && activationBytes(spec, shape) > Math.max(smallBytes, weightBytes);
}
