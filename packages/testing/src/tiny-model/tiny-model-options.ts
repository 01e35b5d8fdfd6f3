import type { TensorDtype } from "./safetensors-writer.ts";
import { createTinyTokenizer, type TinyTokenizerKind } from "./tiny-tokenizer.ts";

/** The `model_type` of a tiny model. */
export type TinyModelArchitecture =
  | ("llama" | "mistral" | "qwen2" | "qwen3")
  | ("granite" | "olmo2" | "smollm3");

const withAttentionBias: readonly TinyModelArchitecture[] = [
  ...(["llama", "qwen3", "granite", "olmo2", "smollm3"] as const),
];
const withMlpBias: readonly TinyModelArchitecture[] = ["llama", "granite", "smollm3"];
const withWindow: readonly TinyModelArchitecture[] = ["mistral", "qwen2", "qwen3"];

/** What a tiny model shall be. Only the architecture has no default. */
export interface TinyModelOptions {
  readonly architecture: TinyModelArchitecture;
  /** Seed of the weights (1). Every tensor depends on the seed, its name and its shape alone. */
  readonly seed?: number;
  /** Width of the residual stream (32). */
  readonly hiddenSize?: number;
  /** Number of transformer layers (2). */
  readonly numLayers?: number;
  /** Number of query heads (4). */
  readonly numHeads?: number;
  /** Number of key and value heads, a divisor of `numHeads` (2). */
  readonly numKeyValueHeads?: number;
  /** Width of one head, even (hiddenSize / numHeads); config.json has it when given, or qwen3. */
  readonly headDim?: number;
  /** Width of the feed-forward layer (48). */
  readonly intermediateSize?: number;
  /** Number of embedding rows, at least as many as the tokenizer has tokens (the same). */
  readonly vocabSize?: number;
  /** `max_position_embeddings`, in tokens (64). */
  readonly contextLength?: number;
  /** Base of the rotary frequencies (10000). */
  readonly ropeTheta?: number;
  /** Written to config.json as `rope_scaling`, unchecked (null). */
  readonly ropeScaling?: Readonly<Record<string, unknown>> | null;
  /** All but mistral and qwen2: biases on the q, k, v and o projections (false). */
  readonly attentionBias?: boolean;
  /** llama, granite and smollm3: biases on the three feed-forward projections (false). */
  readonly mlpBias?: boolean;
  /**
   * mistral: number of positions that a token sees, itself included (null, no window). qwen2 and
   * qwen3: written too, but switched off by `use_sliding_window: false`, as in published models.
   */
  readonly slidingWindow?: number | null;
  /** Whether the output head is the embedding; there is no lm_head.weight then (false). */
  readonly tieWordEmbeddings?: boolean;
  /** Number format of the weights on disk ("F32"). */
  readonly dtype?: TensorDtype;
  /** Number of safetensors files; from 2 on there is an index file (1). */
  readonly numShards?: number;
  /** Kind of tokenizer that goes with it ("byte-level"). */
  readonly tokenizer?: TinyTokenizerKind;
  /**
   * Standard deviation of attention scores, of an untied head's logits and of what the other
   * projections make of inputs with standard deviation 1 (3: text varies, attention matters, and
   * the likeliest token has a probability of about 0.4). Embeddings have 1 in any case.
   */
  readonly weightScale?: number;
  /** Jinja template for tokenizer_config.json (null, none). */
  readonly chatTemplate?: string | null;
  /** Fields of config.json to replace or add, unchecked; the weights are as the others say ({}). */
  readonly configFields?: Readonly<Record<string, unknown>>;
}

/** All options with their defaults filled in. */
export type ResolvedTinyModelOptions = Required<TinyModelOptions> & {
  /** Whether config.json has `head_dim`. */
  readonly writesHeadDim: boolean;
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError when sizes do not fit together or the architecture lacks what is asked for
 */
export function resolveTinyModelOptions(options: TinyModelOptions): ResolvedTinyModelOptions {
  const { architecture, hiddenSize = 32, numHeads = 4, tokenizer = "byte-level" } = options;
  const resolved: ResolvedTinyModelOptions = {
    architecture,
    seed: options.seed ?? 1,
    hiddenSize,
    numLayers: options.numLayers ?? 2,
    numHeads,
    numKeyValueHeads: options.numKeyValueHeads ?? 2,
    headDim: options.headDim ?? hiddenSize / numHeads,
    writesHeadDim: options.headDim !== undefined || architecture === "qwen3",
    intermediateSize: options.intermediateSize ?? 48,
    vocabSize: options.vocabSize ?? createTinyTokenizer(tokenizer).numTokens,
    contextLength: options.contextLength ?? 64,
    ropeTheta: options.ropeTheta ?? 10000,
    ropeScaling: options.ropeScaling ?? null,
    attentionBias: options.attentionBias ?? false,
    mlpBias: options.mlpBias ?? false,
    slidingWindow: options.slidingWindow ?? null,
    tieWordEmbeddings: options.tieWordEmbeddings ?? false,
    dtype: options.dtype ?? "F32",
    numShards: options.numShards ?? 1,
    tokenizer,
    weightScale: options.weightScale ?? 3,
    chatTemplate: options.chatTemplate ?? null,
    configFields: options.configFields ?? {},
  };
  checkSizes(resolved);
  checkFeatures(resolved);
  return resolved;
}

function checkSizes(options: ResolvedTinyModelOptions): void {
  const { numHeads, numKeyValueHeads, headDim, tokenizer, vocabSize } = options;
  if (!Number.isInteger(numHeads / numKeyValueHeads)) {
    throw new RangeError(`${numKeyValueHeads} key-value heads do not divide ${numHeads} heads`);
  }
  if (!Number.isInteger(headDim / 2)) {
    throw new RangeError(`headDim must be an even integer, got ${headDim}`);
  }
  const { numTokens } = createTinyTokenizer(tokenizer);
  if (vocabSize < numTokens) {
    throw new RangeError(`vocabSize must be at least ${numTokens} for ${tokenizer}`);
  }
}

function checkFeatures(options: ResolvedTinyModelOptions): void {
  const { architecture, attentionBias, mlpBias, slidingWindow } = options;
  const refuse = (name: string) => {
    throw new RangeError(`${architecture} has no ${name}`);
  };
  if (attentionBias && !withAttentionBias.includes(architecture)) refuse("attentionBias");
  if (mlpBias && !withMlpBias.includes(architecture)) refuse("mlpBias");
  if (slidingWindow !== null && !withWindow.includes(architecture)) refuse("slidingWindow");
}
