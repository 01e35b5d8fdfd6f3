import { createTestRandom } from "../random.ts";
import type { NamedTensor } from "./safetensors-writer.ts";
import {
  type ResolvedTinyModelOptions,
  resolveTinyModelOptions,
  type TinyModelOptions,
} from "./tiny-model-options.ts";

/** How a tensor's numbers are distributed. */
interface Distribution {
  readonly mean: number;
  readonly standardDeviation: number;
}

const EMBEDDING: Distribution = { mean: 0, standardDeviation: 1 };
const NORM: Distribution = { mean: 1, standardDeviation: 0.25 };
const BIAS: Distribution = { mean: 0, standardDeviation: 0.5 };

/**
 * Creates the random tensors of a tiny model in the order of a Hugging Face state dict, in
 * float32. A tensor depends on the seed, its name and its shape alone: models that differ in, say,
 * `dtype`, `numShards` or `tieWordEmbeddings` share what they have in common.
 *
 * @throws RangeError as `writeTinyModel` does
 */
export function createTinyTensors(options: TinyModelOptions): NamedTensor[] {
  const resolved = resolveTinyModelOptions(options);
  const { hiddenSize, vocabSize } = resolved;
  const builder = createTensorBuilder(resolved);

  builder.add("model.embed_tokens.weight", [vocabSize, hiddenSize], EMBEDDING);
  for (let layer = 0; layer < resolved.numLayers; layer++) {
    addLayer(builder, resolved, `model.layers.${layer}`);
  }
  builder.add("model.norm.weight", [hiddenSize], NORM);
  if (!resolved.tieWordEmbeddings) builder.addLinear("lm_head", hiddenSize, vocabSize, false);
  return builder.tensors;
}

function addLayer(
  { add, addLinear }: TensorBuilder,
  options: ResolvedTinyModelOptions,
  prefix: string,
): void {
  const { architecture, attentionBias, headDim, hiddenSize, intermediateSize, mlpBias } = options;
  // A score is a product of two projections: the roots make it spread like everything else.
  const scoreScale = Math.sqrt(options.weightScale);
  const queryWidth = options.numHeads * headDim;
  const keyValueWidth = options.numKeyValueHeads * headDim;
  const inputBias = attentionBias || architecture === "qwen2";

  const isOlmo2 = architecture === "olmo2";
  if (!isOlmo2) add(`${prefix}.input_layernorm.weight`, [hiddenSize], NORM);
  const attention = `${prefix}.self_attn`;
  addLinear(`${attention}.q_proj`, hiddenSize, queryWidth, inputBias, scoreScale);
  addLinear(`${attention}.k_proj`, hiddenSize, keyValueWidth, inputBias, scoreScale);
  addLinear(`${attention}.v_proj`, hiddenSize, keyValueWidth, inputBias);
  addLinear(`${attention}.o_proj`, queryWidth, hiddenSize, attentionBias);
  if (architecture === "qwen3") {
    add(`${attention}.q_norm.weight`, [headDim], NORM);
    add(`${attention}.k_norm.weight`, [headDim], NORM);
  }
  if (isOlmo2) {
    add(`${attention}.q_norm.weight`, [queryWidth], NORM);
    add(`${attention}.k_norm.weight`, [keyValueWidth], NORM);
  }
  add(`${prefix}.post_attention_layernorm.weight`, [hiddenSize], NORM);
  if (isOlmo2) add(`${prefix}.post_feedforward_layernorm.weight`, [hiddenSize], NORM);
  const mlp = `${prefix}.mlp`;
  addLinear(`${mlp}.gate_proj`, hiddenSize, intermediateSize, mlpBias);
  addLinear(`${mlp}.up_proj`, hiddenSize, intermediateSize, mlpBias);
  addLinear(`${mlp}.down_proj`, intermediateSize, hiddenSize, mlpBias);
}

type TensorBuilder = ReturnType<typeof createTensorBuilder>;

function createTensorBuilder({ dtype, seed, weightScale }: ResolvedTinyModelOptions) {
  const tensors: NamedTensor[] = [];

  function add(name: string, shape: readonly number[], distribution: Distribution): void {
    const random = createTestRandom(hashName(name, seed));
    const numValues = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from(
      { length: numValues },
      () => distribution.mean + distribution.standardDeviation * random.normal(),
    );
    tensors.push({ name, dtype, shape, values });
  }

  function addLinear(
    name: string,
    numInputs: number,
    numOutputs: number,
    hasBias: boolean,
    outputScale = weightScale,
  ): void {
    // Outputs do not depend on the width: scores and logits spread alike in every size.
    const standardDeviation = outputScale / Math.sqrt(numInputs);
    add(`${name}.weight`, [numOutputs, numInputs], { mean: 0, standardDeviation });
    if (hasBias) add(`${name}.bias`, [numOutputs], BIAS);
  }

  return { tensors, add, addLinear };
}

/** FNV-1a over the name, started from the seed. */
function hashName(name: string, seed: number): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)) | 0;
  for (const byte of Buffer.from(name, "utf8")) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
