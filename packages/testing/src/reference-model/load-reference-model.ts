import { attend } from "./attention.ts";
import { type ReferenceConfig, readReferenceConfig } from "./reference-config.ts";
import { type LayerWeights, pickWeights } from "./reference-weights.ts";
import { readModelTensors } from "./tensor-file.ts";
import { addVectors, applyLinear, at, rmsNorm, silu } from "./vector-math.ts";

/** A slow and plain float64 model to compare a fast one with. */
export interface ReferenceModel {
  readonly config: ReferenceConfig;
  /**
   * Runs the whole sequence, without any cache. Row i predicts the token after token i.
   *
   * @param tokenIds - [numPositions], at positions 0, 1, ...; may be empty
   * @returns [numPositions][vocabSize]
   * @throws RangeError when a token id is not in the vocabulary
   */
  logits(tokenIds: readonly number[]): Float64Array[];
}

/**
 * Loads a Llama, Mistral, Qwen2 or Qwen3 model directory as Hugging Face lays it out. Follows
 * transformers, but computes in float64 throughout, whatever `torch_dtype` says: float32 results
 * differ by rounding. Shares no code with the engine it is to check.
 *
 * @throws Error when a file or tensor is missing or the model is of a kind the reference lacks
 */
export function loadReferenceModel(directory: string): ReferenceModel {
  const config = readReferenceConfig(directory);
  const weights = pickWeights(readModelTensors(directory), config);
  const { hiddenSize, rmsNormEps, slidingWindows, vocabSize } = config;

  const embed = (tokenId: number) => {
    if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= vocabSize) {
      throw new RangeError(`token id ${tokenId} is not in the vocabulary of ${vocabSize}`);
    }
    return weights.embedding.slice(tokenId * hiddenSize, (tokenId + 1) * hiddenSize);
  };
  return {
    config,
    logits(tokenIds) {
      let rows: Float64Array[] = tokenIds.map(embed);
      weights.layers.forEach((layer, index) => {
        rows = runLayer(rows, layer, config, slidingWindows[index] ?? null);
      });
      return rows.map((row) =>
        applyLinear(weights.head, rmsNorm(row, weights.finalNorm, rmsNormEps)),
      );
    },
  };
}

function runLayer(
  rows: readonly Float64Array[],
  layer: LayerWeights,
  config: ReferenceConfig,
  window: number | null,
): Float64Array[] {
  const normalised = rows.map((row) => rmsNorm(row, layer.inputNorm, config.rmsNormEps));
  const attended = attend(normalised, layer.attention, config, window);
  return rows.map((row, position) => {
    const middle = addVectors(row, attended[position] ?? new Float64Array());
    const input = rmsNorm(middle, layer.mlpNorm, config.rmsNormEps);
    return addVectors(middle, feedForward(input, layer));
  });
}

/** SwiGLU: down(silu(gate(x)) * up(x)). */
function feedForward(input: Float64Array, { gate, up, down }: LayerWeights): Float64Array {
  const upward = applyLinear(up, input);
  const gated = applyLinear(gate, input).map((value, i) => silu(value) * at(upward, i));
  return applyLinear(down, gated);
}
