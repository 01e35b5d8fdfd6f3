/** How one `model_type` of config.json differs from the plain decoder. */
export interface Architecture {
  /** The class that `architectures` names. */
  readonly className: string;
  /** Fields of config.json that are read for this architecture alone. */
  readonly fields?: readonly string[];
  /** Query, key and value projections have a bias in every checkpoint. */
  readonly hasQkvBias?: boolean;
  /** RMSNorm of queries and keys before the rotation: of each head, or of all heads as one vector. */
  readonly qkNorm?: "head" | "projection";
  /** RMSNorm of what attention and feed-forward return, before it is added, and not of what they get. */
  readonly hasNormsAfter?: boolean;
  /** `no_rope_layers`, or every fourth, are not rotated. */
  readonly hasUnrotatedLayers?: boolean;
  /** Embeddings, scores, what a layer adds and logits are scaled by numbers of config.json. */
  readonly hasMultipliers?: boolean;
  /** The output head is the embedding where `tie_word_embeddings` is absent. */
  readonly tiesByDefault?: boolean;
  /** Where config.json has none: 1e-6. */
  readonly defaultRmsNormEps?: number;
  /** Where config.json has none: 10 000. */
  readonly defaultRopeTheta?: number;
  /** Head size without `head_dim`; absent: hidden_size / num_attention_heads. */
  readonly defaultHeadDim?: number;
  readonly window: WindowRule;
}

/**
 * Which layers `sliding_window` applies to. "none": the architecture has no window. "always": all
 * layers. "switched": where `use_sliding_window` is true, the layers from `max_window_layers` on.
 */
export type WindowRule = "none" | "always" | "switched";

/**
 * The architectures that can be built, as transformers defines them. A new one is an entry here, and where its layers
 * differ in a new way a field of it, which `read-config` turns into numbers for the graph.
 */
export const architectures = {
  llama: { className: "LlamaForCausalLM", window: "none" },
  mistral: { className: "MistralForCausalLM", window: "always" },
  qwen2: { className: "Qwen2ForCausalLM", hasQkvBias: true, window: "switched" },
  qwen3: {
    className: "Qwen3ForCausalLM",
    qkNorm: "head",
    defaultHeadDim: 128,
    window: "switched",
  },
  granite: {
    className: "GraniteForCausalLM",
    fields: [
      "embedding_multiplier",
      "attention_multiplier",
      "residual_multiplier",
      "logits_scaling",
    ],
    hasMultipliers: true,
    window: "none",
  },
  olmo2: {
    className: "Olmo2ForCausalLM",
    qkNorm: "projection",
    hasNormsAfter: true,
    defaultRmsNormEps: 1e-5,
    window: "none",
  },
  smollm3: {
    className: "SmolLM3ForCausalLM",
    fields: ["no_rope_layers", "no_rope_layer_interval"],
    hasUnrotatedLayers: true,
    tiesByDefault: true,
    defaultRopeTheta: 2_000_000,
    window: "none",
  },
} as const satisfies Readonly<Record<string, Architecture>>;

export const supportedArchitectures = Object.keys(
  architectures,
) as readonly (keyof typeof architectures)[];

/** The entry of a `model_type`, undefined where it cannot be built. */
export function architectureOf(modelType: string): Architecture | undefined {
  return Object.hasOwn(architectures, modelType)
    ? architectures[modelType as keyof typeof architectures]
    : undefined;
}
