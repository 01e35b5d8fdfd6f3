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
  const { hiddenSize, rmsNormEps, vocabSize } = config;

  const embed = (tokenId: number) => {
    if (!Number.isInteger(tokenId) || tokenId < 0 || tokenId >= vocabSize) {
      throw new RangeError(`token id ${tokenId} is not in the vocabulary of ${vocabSize}`);
    }
    const row = weights.embedding.slice(tokenId * hiddenSize, (tokenId + 1) * hiddenSize);
    return row.map((value) => value * config.embeddingMultiplier);
  };
  return {
    config,
    logits(tokenIds) {
      let rows: Float64Array[] = tokenIds.map(embed);
      weights.layers.forEach((layer, index) => {
        rows = runLayer(rows, layer, config, index);
      });
      return rows.map((row) =>
        applyLinear(weights.head, rmsNorm(row, weights.finalNorm, rmsNormEps)).map(
          (logit) => logit / config.logitsScaling,
        ),
      );
    },
  };
}

function runLayer(
  rows: readonly Float64Array[],
  layer: LayerWeights,
  config: ReferenceConfig,
  index: number,
): Float64Array[] {
  const norm = (row: Float64Array, weight: Float64Array | null) =>
    weight === null ? row : rmsNorm(row, weight, config.rmsNormEps);
  const add = (row: Float64Array, update: Float64Array) =>
    addVectors(
      row,
      update.map((value) => value * config.residualMultiplier),
    );
  const normalised = rows.map((row) => norm(row, layer.inputNorm));
  const attended = attend(normalised, layer.attention, config, index);
  return rows.map((row, position) => {
    const update = attended[position] ?? new Float64Array();
    const middle = add(row, norm(update, layer.attentionOutputNorm));
    const output = feedForward(norm(middle, layer.mlpNorm), layer);
    return add(middle, norm(output, layer.mlpOutputNorm));
  });
}

/** SwiGLU: down(silu(gate(x)) * up(x)). */
function feedForward(input: Float64Array, { gate, up, down }: LayerWeights): Float64Array {
  const upward = applyLinear(up, input);
  const gated = applyLinear(gate, input).map((value, i) => silu(value) * at(upward, i));
  return applyLinear(down, gated);
}
