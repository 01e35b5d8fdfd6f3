import type { DecoderSpec } from "../directory/decoder-spec.ts";

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
    /** Of what the feed-forward gets; where norms come after, of what attention returned. */
    mlpNorm: `${prefix}.post_attention_layernorm.weight`,
    afterMlpNorm: `${prefix}.post_feedforward_layernorm.weight`,
    gate: `${prefix}.mlp.gate_proj`,
    up: `${prefix}.mlp.up_proj`,
    down: `${prefix}.mlp.down_proj`,
  };
}

export const embeddingName = "model.embed_tokens.weight";
export const finalNormName = "model.norm.weight";
export const untiedHeadName = "lm_head.weight";

/** The tensors of a graph with their shapes, by Hugging Face's names. */
export type WeightPlan = ReadonlyMap<string, readonly number[]>;

/** The tensor that the logits are computed with. */
export function headName(plan: Pick<ReadonlySet<string>, "has">): string {
  return plan.has(untiedHeadName) ? untiedHeadName : embeddingName;
}

/**
 * Every tensor the graph is made of, with its shape: what the spec asks for, and what the weights have
 * though their config does not announce it. A bias is used (as llama.cpp does, for Qwen models saved
 * as Llama), and a head beside a tied embedding is (as transformers 5 does).
 * @param stored the names in the weights' files
 */
export function planWeights(
  spec: DecoderSpec,
  stored: Pick<ReadonlySet<string>, "has">,
): WeightPlan {
  const { hiddenSize, intermediateSize, vocabSize } = spec;
  const querySize = spec.numHeads * spec.headDim;
  const keyValueSize = spec.numKeyValueHeads * spec.headDim;
  const plan = new Map<string, readonly number[]>();
  const linear = (name: string, numOut: number, numIn: number, hasBias: boolean) => {
    plan.set(`${name}.weight`, [numOut, numIn]);
    if (hasBias || stored.has(`${name}.bias`)) plan.set(`${name}.bias`, [numOut]);
  };

  plan.set(embeddingName, [vocabSize, hiddenSize]);
  for (let layer = 0; layer < spec.numLayers; layer++) {
    const names = layerWeightNames(layer);
    plan.set(spec.hasNormsAfter ? names.afterMlpNorm : names.attentionNorm, [hiddenSize]);
    linear(names.query, querySize, hiddenSize, spec.hasQkvBias);
    linear(names.key, keyValueSize, hiddenSize, spec.hasQkvBias);
    linear(names.value, keyValueSize, hiddenSize, spec.hasQkvBias);
    linear(names.output, hiddenSize, querySize, spec.hasOutputBias);
    if (spec.qkNorm !== undefined) {
      const isOfHead = spec.qkNorm === "head";
      plan.set(names.queryNorm, [isOfHead ? spec.headDim : querySize]);
      plan.set(names.keyNorm, [isOfHead ? spec.headDim : keyValueSize]);
    }
    plan.set(names.mlpNorm, [hiddenSize]);
    linear(names.gate, intermediateSize, hiddenSize, spec.hasMlpBias);
    linear(names.up, intermediateSize, hiddenSize, spec.hasMlpBias);
    linear(names.down, hiddenSize, intermediateSize, spec.hasMlpBias);
  }
  plan.set(finalNormName, [hiddenSize]);
  if (!spec.hasTiedHead || stored.has(untiedHeadName))
    plan.set(untiedHeadName, [vocabSize, hiddenSize]);
  return plan;
}
