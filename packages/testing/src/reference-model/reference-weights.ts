import type { AttentionWeights } from "./attention.ts";
import type { ReferenceConfig } from "./reference-config.ts";
import type { ReferenceTensor } from "./tensor-file.ts";
import type { Linear } from "./vector-math.ts";

/** Weights of one transformer layer. */
export interface LayerWeights {
  /** Before attention; null: none. */
  readonly inputNorm: Float64Array | null;
  readonly attention: AttentionWeights;
  /** Of what attention returns; null: none. */
  readonly attentionOutputNorm: Float64Array | null;
  /** Before the feed-forward; null: none. */
  readonly mlpNorm: Float64Array | null;
  /** Of what the feed-forward returns; null: none. */
  readonly mlpOutputNorm: Float64Array | null;
  readonly gate: Linear;
  readonly up: Linear;
  readonly down: Linear;
}

/** All weights of a model. */
export interface ReferenceWeights {
  /** [vocabSize, hiddenSize] */
  readonly embedding: Float64Array;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: Float64Array;
  readonly head: Linear;
}

/**
 * Picks the tensors that the configuration asks for, and biases and a head that are there unasked.
 *
 * @throws Error when one is missing or has another shape than the configuration says
 */
export function pickWeights(
  tensors: ReadonlyMap<string, ReferenceTensor>,
  config: ReferenceConfig,
): ReferenceWeights {
  const { hiddenSize, vocabSize } = config;
  const picker = createPicker(tensors);
  const embedding = picker.tensor("model.embed_tokens.weight", [vocabSize, hiddenSize]);
  return {
    embedding,
    layers: Array.from({ length: config.numLayers }, (_, layer) =>
      pickLayer(picker, config, `model.layers.${layer}`),
    ),
    finalNorm: picker.tensor("model.norm.weight", [hiddenSize]),
    head:
      config.tieWordEmbeddings && !tensors.has("lm_head.weight")
        ? { weight: embedding, bias: null }
        : picker.linear("lm_head", [vocabSize, hiddenSize], false),
  };
}

function pickLayer(
  { tensor, linear }: Picker,
  config: ReferenceConfig,
  prefix: string,
): LayerWeights {
  const { hasHeadNorm, hasInputBias, hasMlpBias, hasOutputBias, headDim, hiddenSize } = config;
  const queryWidth = config.numHeads * headDim;
  const keyValueWidth = config.numKeyValueHeads * headDim;
  const attention = `${prefix}.self_attn`;
  const { isOlmo2 } = config;
  const norm = (name: string) => tensor(`${prefix}.${name}_layernorm.weight`, [hiddenSize]);
  const headNorm = (name: string, width: number) =>
    hasHeadNorm || isOlmo2
      ? tensor(`${attention}.${name}.weight`, [isOlmo2 ? width : headDim])
      : null;
  return {
    inputNorm: isOlmo2 ? null : norm("input"),
    attention: {
      query: linear(`${attention}.q_proj`, [queryWidth, hiddenSize], hasInputBias),
      key: linear(`${attention}.k_proj`, [keyValueWidth, hiddenSize], hasInputBias),
      value: linear(`${attention}.v_proj`, [keyValueWidth, hiddenSize], hasInputBias),
      output: linear(`${attention}.o_proj`, [hiddenSize, queryWidth], hasOutputBias),
      queryNorm: headNorm("q_norm", queryWidth),
      keyNorm: headNorm("k_norm", keyValueWidth),
    },
    attentionOutputNorm: isOlmo2 ? norm("post_attention") : null,
    mlpNorm: isOlmo2 ? null : norm("post_attention"),
    mlpOutputNorm: isOlmo2 ? norm("post_feedforward") : null,
    gate: linear(`${prefix}.mlp.gate_proj`, [null, hiddenSize], hasMlpBias),
    up: linear(`${prefix}.mlp.up_proj`, [null, hiddenSize], hasMlpBias),
    down: linear(`${prefix}.mlp.down_proj`, [hiddenSize, null], hasMlpBias),
  };
}

type Picker = ReturnType<typeof createPicker>;

/** In the shapes to pick, null is any size. */
function createPicker(tensors: ReadonlyMap<string, ReferenceTensor>) {
  function tensor(name: string, shape: readonly (number | null)[]): Float64Array {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`there is no tensor ${name}`);
    const fits =
      found.shape.length === shape.length &&
      shape.every((size, i) => size === null || size === found.shape[i]);
    if (!fits) throw new Error(`tensor ${name} has the shape [${found.shape.join(", ")}]`);
    return found.values;
  }
  function linear(name: string, shape: readonly (number | null)[], needsBias: boolean): Linear {
    return {
      weight: tensor(`${name}.weight`, shape),
      bias:
        needsBias || tensors.has(`${name}.bias`) ? tensor(`${name}.bias`, shape.slice(0, 1)) : null,
    };
  }
  return { tensor, linear };
}
