import type { FieldTable } from "./field-table.ts";

/**
 * Every field of generation_config.json, as transformers' GenerationConfig knows them. What changes
 * which token comes next is used or refused.
 */
export const generationFields: FieldTable = {
  used: [
    "eos_token_id",
    "do_sample",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "repetition_penalty",
  ],
  harmless: [
    {
      fields: ["max_length", "max_new_tokens", "max_time", "num_return_sequences"],
      reason: "each request sets the length and the number of outputs",
    },
    {
      fields: ["early_stopping", "length_penalty", "diversity_penalty"],
      reason: "only for beam search, which `num_beams` switches on",
    },
    {
      fields: ["encoder_no_repeat_ngram_size", "encoder_repetition_penalty"],
      reason: "for models with an encoder",
    },
    {
      fields: ["renormalize_logits", "remove_invalid_values"],
      reason: "without effect on finite logits: the sampler always normalises",
    },
    {
      fields: [
        "use_cache",
        "cache_implementation",
        "cache_config",
        "max_cache_len",
        "low_memory",
        "compile_config",
        "disable_compile",
        "continuous_batching_config",
        "prefill_chunk_size",
      ],
      reason: "how transformers computes, not what it computes",
    },
    {
      fields: [
        "is_assistant",
        "num_assistant_tokens",
        "num_assistant_tokens_schedule",
        "assistant_confidence_threshold",
        "assistant_early_exit",
        "assistant_lookbehind",
        "assistant_ensemble_weight",
        "target_lookbehind",
        "prompt_lookup_num_tokens",
        "max_matching_ngram_size",
        "speculation_type",
        "use_mtp",
      ],
      reason: "speculation of transformers: changes the speed, never the text",
    },
    {
      fields: [
        "output_attentions",
        "output_hidden_states",
        "output_logits",
        "output_scores",
        "return_dict_in_generate",
      ],
      reason: "what a Python caller gets back",
    },
    {
      fields: ["trust_remote_code", "chat_format", "max_window_size"],
      reason: "read by the Python code of some directories",
    },
  ],
  limited: [
    { fields: ["num_beams", "num_beam_groups", "typical_p", "guidance_scale"], values: [1] },
    {
      fields: [
        "no_repeat_ngram_size",
        "min_length",
        "min_new_tokens",
        "epsilon_cutoff",
        "eta_cutoff",
        "penalty_alpha",
        "presence_penalty",
        "frequency_penalty",
      ],
      values: [0],
    },
    {
      fields: [
        "bad_words_ids",
        "begin_suppress_tokens",
        "constraints",
        "dola_layers",
        "exponential_decay_length_penalty",
        "force_words_ids",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "forced_decoder_ids",
        "sequence_bias",
        "stop_strings",
        "suppress_tokens",
        "token_healing",
        "top_h",
        "watermarking_config",
      ],
      values: [],
    },
  ],
};
