import { AdaedlError } from "@adaedl/core";
import type { DecoderSpec } from "../directory/decoder-spec.ts";
import { weightTypes } from "../safetensors/header.ts";
import { unsupportedType, type WeightStore } from "../safetensors/weight-store.ts";

/** Hugging Face's tensor names of one decoder layer. */
export function layerWeightNames(layer: number) {
  const prefix = `model.layers.${layer}`;
  return {
    attentionNorm: `${prefix}.input_layernorm.weight`,
    query: `${prefix}.self_attn.q_proj`,
    key: `${prefix}.self_attn.k_proj`,
    value: `${prefix}.self_attn.v_proj`,
    output: `${prefix}.self_attn.o_proj`,
    queryNorm: `${prefix}.self_attn.q_norm.weight`,
    keyNorm: `${prefix}.self_attn.k_norm.weight`,
    mlpNorm: `${prefix}.post_attention_layernorm.weight`,
    gate: `${prefix}.mlp.gate_proj`,
    up: `${prefix}.mlp.up_proj`,
    down: `${prefix}.mlp.down_proj`,
  };
}

export const embeddingName = "model.embed_tokens.weight";
export const finalNormName = "model.norm.weight";
const untiedHeadName = "lm_head.weight";

export function headName(spec: DecoderSpec): string {
  return spec.hasTiedHead ? embeddingName : untiedHeadName;
}

/** Every tensor the graph needs, with its shape. */
export function planWeights(spec: DecoderSpec): Map<string, readonly number[]> {
  const { hiddenSize, intermediateSize, vocabSize } = spec;
  const querySize = spec.numHeads * spec.headDim;
  const keyValueSize = spec.numKeyValueHeads * spec.headDim;
  const plan = new Map<string, readonly number[]>();
  const linear = (name: string, numOut: number, numIn: number, hasBias: boolean) => {
    plan.set(`${name}.weight`, [numOut, numIn]);
    if (hasBias) plan.set(`${name}.bias`, [numOut]);
  };

  plan.set(embeddingName, [vocabSize, hiddenSize]);
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const names = layerWeightNames(layer);
    plan.set(names.attentionNorm, [hiddenSize]);
    linear(names.query, querySize, hiddenSize, spec.hasQkvBias);
    linear(names.key, keyValueSize, hiddenSize, spec.hasQkvBias);
    linear(names.value, keyValueSize, hiddenSize, spec.hasQkvBias);
    linear(names.output, hiddenSize, querySize, spec.hasOutputBias);
    if (spec.hasQkNorm) {
      plan.set(names.queryNorm, [spec.headDim]);
      plan.set(names.keyNorm, [spec.headDim]);
    }
    plan.set(names.mlpNorm, [hiddenSize]);
    linear(names.gate, intermediateSize, hiddenSize, spec.hasMlpBias);
    linear(names.up, intermediateSize, hiddenSize, spec.hasMlpBias);
    linear(names.down, hiddenSize, intermediateSize, spec.hasMlpBias);
  }
  plan.set(finalNormName, [hiddenSize]);
  plan.set(headName(spec), [vocabSize, hiddenSize]);
  return plan;
}

/**
 * @throws AdaedlError `invalid_argument` for a missing tensor or a wrong shape, `unimplemented` for a
 *   number format that cannot be read, naming file and tensor
 */
export function checkWeights(
  plan: ReadonlyMap<string, readonly number[]>,
  weights: WeightStore,
): void {
  for (const [name, shape] of plan) {
    const entry = weights.entries.get(name);
    if (entry === undefined)
      throw new AdaedlError(
        "invalid_argument",
        `tensor ${name} [${shape.join(", ")}] is missing from ${weights.files.join(", ")}`,
        { field: name },
      );
    if (entry.shape.join() !== shape.join())
      throw new AdaedlError(
        "invalid_argument",
        `${entry.file}: tensor ${name} has shape [${entry.shape.join(", ")}], config.json asks for [${shape.join(", ")}]`,
        { field: name, value: entry.shape },
      );
    if (!(entry.type in weightTypes)) throw unsupportedType(entry);
  }
}
