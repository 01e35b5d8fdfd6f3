import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { z } from "zod";
import type { DecoderSpec } from "./decoder-spec.ts";
import { readJsonIfPresent } from "./read-json.ts";
import { inverseFrequencies } from "./rope.ts";

export const supportedArchitectures = ["llama", "mistral", "qwen2", "qwen3"] as const;

const qwen3HeadDim = 128; // of a Qwen3 config that does not say it

const count = z.number().int().positive();
const flag = z.boolean().nullish();
const typeSchema = z.object({ model_type: z.string() });
const configSchema = z.object({
  model_type: z.string(),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  intermediate_size: count,
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  rope_parameters: z.record(z.string(), z.unknown()).nullish(),
  hidden_act: z.string().default("silu"),
  tie_word_embeddings: flag,
  attention_bias: flag,
  mlp_bias: flag,
  sliding_window: count.nullish(),
  use_sliding_window: flag,
  quantization_config: z.unknown().optional(),
});
type Config = z.infer<typeof configSchema>;

/**
 * Reads `config.json` of a Hugging Face model directory.
 * @throws AdaedlError `not_found` without the file, `invalid_argument` for a bad field,
 *   `unimplemented` for a model this project cannot run; the message names file, field and rule
 */
export async function readDecoderSpec(directory: string): Promise<DecoderSpec> {
  const file = join(directory, "config.json");
  const json = await readJsonIfPresent(file);
  if (json === undefined)
    throw new AdaedlError("not_found", `${directory} has no config.json`, { field: file });
  // The type first: other architectures name their sizes differently.
  const architecture = parse(typeSchema, json, file).model_type;
  if (!(supportedArchitectures as readonly string[]).includes(architecture))
    refuse(file, "model_type", architecture, supportedArchitectures.join(", "));
  const config = parse(configSchema, json, file);
  refuseUnsupported(config, file);

  const numHeads = config.num_attention_heads;
  const numKeyValueHeads = config.num_key_value_heads ?? numHeads;
  const usualHeadDim = architecture === "qwen3" ? qwen3HeadDim : config.hidden_size / numHeads;
  const headDim = config.head_dim ?? usualHeadDim;
  if (!Number.isInteger(headDim / 2))
    throw invalidConfig(file, "head_dim", headDim, "must be an even whole number");
  if (numHeads % numKeyValueHeads !== 0)
    throw invalidConfig(
      file,
      "num_key_value_heads",
      numKeyValueHeads,
      `must divide num_attention_heads (${numHeads})`,
    );

  const isQwen2 = architecture === "qwen2";
  const hasAttentionBias = config.attention_bias ?? false;
  const window = architecture === "mistral" ? config.sliding_window : undefined;
  const scaling = config.rope_parameters ?? config.rope_scaling ?? undefined;
  const theta = config.rope_theta ?? numberIn(scaling, "rope_theta") ?? 10_000;
  return {
    architecture,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    numLayers: config.num_hidden_layers,
    numHeads,
    numKeyValueHeads,
    headDim,
    intermediateSize: config.intermediate_size,
    contextLength: config.max_position_embeddings,
    rmsNormEps: config.rms_norm_eps,
    hasTiedHead: config.tie_word_embeddings ?? false,
    hasQkvBias: isQwen2 || hasAttentionBias,
    hasOutputBias: hasAttentionBias && !isQwen2,
    hasMlpBias: config.mlp_bias ?? false,
    hasQkNorm: architecture === "qwen3",
    ...(window ? { slidingWindow: window } : {}),
    inverseFrequencies: inverseFrequencies({ theta, headDim, scaling, file }),
  };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || "(the whole file)";
  throw new AdaedlError("invalid_argument", `${file}: ${field}: ${issue?.message}`, { field });
}

function refuseUnsupported(config: Config, file: string): void {
  if (config.hidden_act !== "silu") refuse(file, "hidden_act", config.hidden_act, "silu");
  if (config.use_sliding_window) refuse(file, "use_sliding_window", true, "false");
  if (config.quantization_config != null)
    refuse(file, "quantization_config", "(present)", "unquantised F32, F16 and BF16 weights");
}

function refuse(file: string, field: keyof Config, value: unknown, supported: string): never {
  throw new AdaedlError(
    "unimplemented",
    `${file}: ${field} ${JSON.stringify(value)} is not supported (supported: ${supported})`,
    { field, value },
  );
}

function invalidConfig(file: string, field: string, value: unknown, rule: string): AdaedlError {
  return new AdaedlError("invalid_argument", `${file}: ${field} ${rule}, got ${String(value)}`, {
    field,
    value,
  });
}

function numberIn(record: Readonly<Record<string, unknown>> | undefined, name: string) {
  const value = record?.[name];
  return typeof value === "number" ? value : undefined;
}
