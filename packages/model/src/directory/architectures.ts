/** How one `model_type` of config.json differs from the plain decoder. */
export interface Architecture {
  /** The class that `architectures` names. */
  readonly className: string;
  /** Query, key and value projections have a bias in every checkpoint. */
  readonly hasQkvBias: boolean;
  /** RMSNorm on each query and key head before the rotation. */
  readonly hasQkNorm: boolean;
  /** Head size without `head_dim`; absent: hidden_size / num_attention_heads. */
  readonly defaultHeadDim?: number;
  readonly window: WindowRule;
}

/**
 * Which layers `sliding_window` applies to. "none": the architecture has no window. "always": all
 * layers. "switched": where `use_sliding_window` is true, the layers from `max_window_layers` on.
 */
export type WindowRule = "none" | "always" | "switched";

/** The architectures that can be built. A new one is an entry here, as long as its layers are the same. */
export const architectures = {
  llama: {
    className: "LlamaForCausalLM",
    hasQkvBias: false,
    hasQkNorm: false,
    window: "none",
  },
  mistral: {
    className: "MistralForCausalLM",
    hasQkvBias: false,
    hasQkNorm: false,
    window: "always",
  },
  qwen2: {
    className: "Qwen2ForCausalLM",
    hasQkvBias: true,
    hasQkNorm: false,
    window: "switched",
  },
  qwen3: {
    className: "Qwen3ForCausalLM",
    hasQkvBias: false,
    hasQkNorm: true,
    defaultHeadDim: 128,
    window: "switched",
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
