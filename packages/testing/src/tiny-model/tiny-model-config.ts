import type { ResolvedTinyModelOptions } from "./tiny-model-options.ts";
import type { TinyTokenizer } from "./tiny-tokenizer.ts";

const TRANSFORMERS_VERSION = "4.51.3";
const ARCHITECTURE_CLASSES = {
  llama: "LlamaForCausalLM",
  mistral: "MistralForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
  granite: "GraniteForCausalLM",
  olmo2: "Olmo2ForCausalLM",
  smollm3: "SmolLM3ForCausalLM",
};
const TORCH_DTYPES = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** Creates the content of config.json with the fields that transformers 4 writes. */
export function createTinyConfig(
  options: ResolvedTinyModelOptions,
  tokenizer: TinyTokenizer,
): Record<string, unknown> {
  const { architecture } = options;
  return {
    architectures: [ARCHITECTURE_CLASSES[architecture]],
    attention_dropout: 0,
    bos_token_id: tokenizer.bosTokenId,
    eos_token_id: tokenizer.eosTokenId,
    ...(options.writesHeadDim ? { head_dim: options.headDim } : {}),
    hidden_act: "silu",
    hidden_size: options.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: options.intermediateSize,
    max_position_embeddings: options.contextLength,
    model_type: architecture,
    num_attention_heads: options.numHeads,
    num_hidden_layers: options.numLayers,
    num_key_value_heads: options.numKeyValueHeads,
    rms_norm_eps: ["llama", "mistral", "granite"].includes(architecture) ? 1e-5 : 1e-6,
    rope_scaling: options.ropeScaling,
    rope_theta: options.ropeTheta,
    tie_word_embeddings: options.tieWordEmbeddings,
    torch_dtype: TORCH_DTYPES[options.dtype],
    transformers_version: TRANSFORMERS_VERSION,
    use_cache: true,
    vocab_size: options.vocabSize,
    ...architectureFields(options),
    ...options.configFields,
  };
}

/** Creates the content of generation_config.json. */
export function createTinyGenerationConfig(tokenizer: TinyTokenizer): Record<string, unknown> {
  return {
    _from_model_config: true,
    bos_token_id: tokenizer.bosTokenId,
    eos_token_id: tokenizer.eosTokenId,
    transformers_version: TRANSFORMERS_VERSION,
  };
}

function architectureFields(options: ResolvedTinyModelOptions): Record<string, unknown> {
  const { attentionBias, contextLength, mlpBias, numLayers, slidingWindow } = options;
  const unusedWindow = { use_sliding_window: false, max_window_layers: numLayers };
  switch (options.architecture) {
    case "llama":
      return { attention_bias: attentionBias, mlp_bias: mlpBias, pretraining_tp: 1 };
    case "mistral":
      return { sliding_window: slidingWindow };
    case "qwen2":
      // Published Qwen2 models carry a window that use_sliding_window switches off.
      return { ...unusedWindow, sliding_window: slidingWindow ?? contextLength };
    case "qwen3":
      return { ...unusedWindow, attention_bias: attentionBias, sliding_window: slidingWindow };
    case "granite":
      // Far from 1, as in the published models.
      return {
        ...{ attention_bias: attentionBias, mlp_bias: mlpBias },
        ...{ embedding_multiplier: 12, residual_multiplier: 0.22 },
        ...{ attention_multiplier: 1.5 / options.headDim, logits_scaling: 1.25 },
      };
    case "olmo2":
      return { attention_bias: attentionBias };
    case "smollm3":
      return {
        ...unusedWindow,
        ...{ attention_bias: attentionBias, mlp_bias: mlpBias, sliding_window: null },
        no_rope_layers: Array.from({ length: numLayers }, (_, layer) => (layer % 2 === 0 ? 1 : 0)),
      };
  }
}
