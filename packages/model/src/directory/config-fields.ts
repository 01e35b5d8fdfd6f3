import type { FieldTable } from "./field-table.ts";
import { generationFields } from "./generation-fields.ts";

/**
 * Every field of config.json: what transformers 2 to 5 and the tools around it write for the
 * architectures that can be built, and what other architectures mean by theirs.
 */
export const configFields: FieldTable = {
  used: [
    "model_type",
    "architectures",
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
    "max_position_embeddings",
    "rms_norm_eps",
    "rope_theta",
    "rope_scaling",
    "rope_parameters",
    "hidden_act",
    "tie_word_embeddings",
    "attention_bias",
    "qkv_bias",
    "mlp_bias",
    "sliding_window",
    "use_sliding_window",
    "max_window_layers",
    "layer_types",
    "quantization_config",
    "eos_token_id",
    "adaedl_parallel",
  ],
  harmless: [
    {
      fields: ["initializer_range", "gradient_checkpointing", "neftune_noise_alpha"],
      reason: "training only",
    },
    {
      fields: ["pretraining_tp"],
      reason: "splits products among devices; the sum is the same, and transformers 5 ignores it",
    },
    {
      fields: ["torch_dtype", "dtype", "use_bfloat16"],
      reason: "each tensor's number format is in its file, and the graph computes in float32",
    },
    {
      fields: [
        "seq_length",
        "max_seq_len",
        "max_seq_length",
        "max_sequence_length",
        "model_max_length",
      ],
      reason: "`max_position_embeddings` is the limit",
    },
    {
      fields: ["auto_map", "custom_pipelines", "trust_remote_code"],
      reason:
        "Python code of the directory is never run; transformers, too, prefers its own class for these model types",
    },
    {
      fields: [
        "attn_implementation",
        "chunk_size_feed_forward",
        "flash_attention",
        "torchscript",
        "use_cache",
        "use_flash_attention",
        "use_flash_attn",
      ],
      reason: "how transformers computes, not what it computes",
    },
    {
      fields: [
        "is_decoder",
        "keys_to_ignore_at_inference",
        "output_attentions",
        "output_hidden_states",
        "return_dict",
        "tie_encoder_decoder",
        "use_return_dict",
      ],
      reason: "what a Python caller gets back, or only for models with an encoder",
    },
    {
      fields: ["finetuning_task", "id2label", "label2id", "num_labels", "problem_type"],
      reason: "only for classifiers, which `architectures` names",
    },
    {
      fields: [
        "is_llama_config",
        "license",
        "model_name",
        "name_or_path",
        "prefix",
        "task_specific_params",
        "tokenizer_class",
        "tokenizer_model_max_length",
        "tokenizer_padding_side",
        "transformers.js_config",
      ],
      reason: "description, or read by other programs",
    },
    {
      fields: [
        ...generationFields.used.filter((name) => name !== "eos_token_id"),
        ...generationFields.harmless
          .flatMap(({ fields }) => fields)
          .filter(
            (name) =>
              ![
                "use_cache",
                "output_attentions",
                "output_hidden_states",
                "trust_remote_code",
              ].includes(name),
          ),
        ...generationFields.limited.flatMap(({ fields }) => fields),
      ],
      reason:
        "written by old transformers; only generation_config.json is read, as in transformers 5",
    },
  ],
  limited: [
    {
      fields: [
        "partial_rotary_factor",
        "rotary_pct",
        "logit_scale",
        "logits_scaling",
        "embedding_multiplier",
        "residual_multiplier",
      ],
      values: [1],
    },
    { fields: ["num_experts", "num_local_experts", "num_nextn_predict_layers"], values: [0] },
    { fields: ["hidden_activation"], values: ["silu", "swish"] },
    { fields: ["position_embedding_type"], values: ["rope", "rotary"] },
    { fields: ["is_causal"], values: [true] },
  ],
};
