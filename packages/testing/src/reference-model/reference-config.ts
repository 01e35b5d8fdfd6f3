import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RopeScaling } from "./rotary-embedding.ts";

/** What the reference takes from config.json. */
export interface ReferenceConfig {
  /** One of `MODEL_TYPES`. */
  readonly modelType: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
  readonly tieWordEmbeddings: boolean;
  /** Biases of the query, key and value projections. */
  readonly hasInputBias: boolean;
  /** Bias of the attention's output projection. */
  readonly hasOutputBias: boolean;
  readonly hasMlpBias: boolean;
  /** RMSNorm of every query and key head, before the rotation. */
  readonly hasHeadNorm: boolean;
  /** OLMo 2: RMSNorm of all query heads as one vector, and of the key heads; others on what is added, not on inputs. */
  readonly isOlmo2: boolean;
  /** Granite's factors. Elsewhere they are 1, and `attentionMultiplier` is 1 / sqrt(headDim). */
  readonly embeddingMultiplier: number;
  readonly attentionMultiplier: number;
  readonly residualMultiplier: number;
  readonly logitsScaling: number;
  /** SmolLM3: whether each layer rotates its queries and keys. */
  readonly rotates: readonly boolean[];
  /** For each layer the number of positions that a token sees, itself included; null is all. */
  readonly slidingWindows: readonly (number | null)[];
}

type RawConfig = Readonly<Record<string, unknown>>;

const MODEL_TYPES = ["llama", "mistral", "qwen2", "qwen3", "granite", "olmo2", "smollm3"];

/**
 * Reads config.json with the defaults of transformers' configuration classes.
 *
 * @throws Error when the model type is unknown or a size is missing
 */
export function readReferenceConfig(directory: string): ReferenceConfig {
  const raw = JSON.parse(readFileSync(join(directory, "config.json"), "utf8")) as RawConfig;
  const modelType = String(raw.model_type);
  if (!MODEL_TYPES.includes(modelType)) throw new Error(`the reference has no ${modelType}`);

  const hiddenSize = readNumber(raw, "hidden_size");
  const numHeads = readNumber(raw, "num_attention_heads");
  const scaling = (raw.rope_scaling ?? raw.rope_parameters ?? null) as RopeScaling | null;
  const attentionBias = raw.attention_bias === true;
  const canHaveAttentionBias = modelType !== "mistral" && modelType !== "qwen2";
  const numLayers = readNumber(raw, "num_hidden_layers");
  const headDim = readNumber(raw, "head_dim", modelType === "qwen3" ? 128 : hiddenSize / numHeads);
  const isGranite = modelType === "granite";
  const multiplier = (key: string) => (isGranite ? readNumber(raw, key, 1) : 1);
  const noRope = raw.no_rope_layers as readonly number[] | undefined;
  return {
    modelType,
    vocabSize: readNumber(raw, "vocab_size"),
    hiddenSize,
    numLayers,
    numHeads,
    numKeyValueHeads: readNumber(raw, "num_key_value_heads", numHeads),
    headDim,
    rmsNormEps: readNumber(raw, "rms_norm_eps", modelType === "olmo2" ? 1e-5 : 1e-6),
    ropeTheta:
      scaling?.rope_theta ?? readNumber(raw, "rope_theta", modelType === "smollm3" ? 2e6 : 10000),
    ropeScaling: scaling,
    tieWordEmbeddings:
      raw.tie_word_embeddings === true ||
      (raw.tie_word_embeddings == null && modelType === "smollm3"),
    hasInputBias: modelType === "qwen2" || (canHaveAttentionBias && attentionBias),
    hasOutputBias: canHaveAttentionBias && attentionBias,
    hasMlpBias: ["llama", "granite", "smollm3"].includes(modelType) && raw.mlp_bias === true,
    hasHeadNorm: modelType === "qwen3",
    isOlmo2: modelType === "olmo2",
    embeddingMultiplier: multiplier("embedding_multiplier"),
    attentionMultiplier: isGranite ? multiplier("attention_multiplier") : 1 / Math.sqrt(headDim),
    residualMultiplier: multiplier("residual_multiplier"),
    logitsScaling: multiplier("logits_scaling"),
    rotates: Array.from({ length: numLayers }, (_, layer) =>
      modelType === "smollm3" ? (noRope?.[layer] ?? (layer + 1) % 4) !== 0 : true,
    ),
    slidingWindows: readSlidingWindows(raw, modelType),
  };
}

/** Mistral slides in every layer; Qwen only if switched on, and from one layer on. */
function readSlidingWindows(raw: RawConfig, modelType: string): (number | null)[] {
  const numLayers = readNumber(raw, "num_hidden_layers");
  const isQwen = modelType === "qwen2" || modelType === "qwen3";
  const isOn = modelType === "mistral" || (isQwen && raw.use_sliding_window === true);
  const window = isOn && raw.sliding_window !== null ? readNumber(raw, "sliding_window") : null;
  const firstLayer = isQwen ? readNumber(raw, "max_window_layers", 28) : 0;
  return Array.from({ length: numLayers }, (_, layer) => (layer >= firstLayer ? window : null));
}

function readNumber(raw: RawConfig, key: string, fallback?: number): number {
  const value = raw[key] ?? fallback;
  if (typeof value !== "number") throw new Error(`config.json has no number ${key}`);
  return value;
}
