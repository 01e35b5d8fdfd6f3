import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RopeScaling } from "./rotary-embedding.ts";

/** What the reference takes from config.json. */
export interface ReferenceConfig {
  /** "llama", "mistral", "qwen2" or "qwen3". */
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
  /** For each layer the number of positions that a token sees, itself included; null is all. */
  readonly slidingWindows: readonly (number | null)[];
}

type RawConfig = Readonly<Record<string, unknown>>;

const MODEL_TYPES = ["llama", "mistral", "qwen2", "qwen3"];

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
  const canHaveAttentionBias = modelType === "llama" || modelType === "qwen3";
  return {
    modelType,
    vocabSize: readNumber(raw, "vocab_size"),
    hiddenSize,
    numLayers: readNumber(raw, "num_hidden_layers"),
    numHeads,
    numKeyValueHeads: readNumber(raw, "num_key_value_heads", numHeads),
    headDim: readNumber(raw, "head_dim", modelType === "qwen3" ? 128 : hiddenSize / numHeads),
    rmsNormEps: readNumber(raw, "rms_norm_eps", 1e-6),
    ropeTheta: scaling?.rope_theta ?? readNumber(raw, "rope_theta", 10000),
    ropeScaling: scaling,
    tieWordEmbeddings: raw.tie_word_embeddings === true,
    hasInputBias: modelType === "qwen2" || (canHaveAttentionBias && attentionBias),
    hasOutputBias: canHaveAttentionBias && attentionBias,
    hasMlpBias: modelType === "llama" && raw.mlp_bias === true,
    hasHeadNorm: modelType === "qwen3",
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
