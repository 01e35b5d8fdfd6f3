import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import { type Architecture, architectureOf, supportedArchitectures } from "./architectures.ts";
import { configFields } from "./config-fields.ts";
import type { DecoderSpec, Scales } from "./decoder-spec.ts";
import { checkFields, invalidFieldIn, unsupportedField } from "./field-table.ts";
import { parseDocument, readJsonIfPresent } from "./read-json.ts";
import { rotationOf } from "./rope.ts";
import { resolveRope } from "./rope-settings.ts";
import { resolveSlidingWindow } from "./sliding-window.ts";

// Sizes that are a lie end here, not in a loop or an array of that length.
const count = z.int().check(z.positive(), z.maximum(0x7fff_ffff));
const maxHeadDim = 65_536;
const flag = z.nullish(z.boolean());
const positive = z.number().check(z.positive());
const typeSchema = z.object({ model_type: z.string() });
const configSchema = z.object({
  architectures: z.nullish(z.array(z.string())),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count.check(z.maximum(10_000)),
  num_attention_heads: count,
  num_key_value_heads: z.nullish(count),
  head_dim: z.nullish(count),
  intermediate_size: count,
  max_position_embeddings: count,
  rms_norm_eps: z.nullish(positive),
  rope_theta: z.nullish(positive),
  rope_scaling: z.nullish(z.record(z.string(), z.unknown())),
  rope_parameters: z.nullish(z.record(z.string(), z.unknown())),
  hidden_act: z._default(z.string(), "silu"),
  tie_word_embeddings: flag,
  attention_bias: flag,
  qkv_bias: flag,
  mlp_bias: flag,
  sliding_window: z.nullish(count),
  use_sliding_window: flag,
  max_window_layers: z.nullish(z.int().check(z.nonnegative())),
  layer_types: z.nullish(z.array(z.string())),
  quantization_config: z.optional(z.unknown()),
  embedding_multiplier: z.nullish(positive),
  attention_multiplier: z.nullish(positive),
  residual_multiplier: z.nullish(positive),
  logits_scaling: z.nullish(positive),
  no_rope_layers: z.nullish(z.array(z.union([z.literal(0), z.literal(1)]))),
  no_rope_layer_interval: z.nullish(count),
});
type Config = z.infer<typeof configSchema>;

/**
 * Reads `config.json` of a Hugging Face model directory. Every field is used, known to be harmless, or
 * refused: nothing is left out silently.
 * @throws AdaedlError `not_found` without the file, `invalid_argument` for a bad field,
 *   `unimplemented` for a model this project cannot run; the message names file, field and rule
 */
export async function readDecoderSpec(directory: string): Promise<DecoderSpec> {
  const file = join(directory, "config.json");
  const json = await readJsonIfPresent(file);
  if (json === undefined)
    throw new AdaedlError("not_found", `${directory} has no config.json`, { field: file });
  // The type first: other architectures name their sizes differently.
  const type = parseDocument(file, json, typeSchema).model_type;
  const architecture = architectureOf(type);
  if (architecture === undefined)
    throw unsupportedField(file, "model_type", type, supportedArchitectures.join(", "));
  const config = parseDocument(file, json, configSchema);
  refuseUnsupported(config, architecture, file);
  const { fields = [], hasQkvBias = false, qkNorm, window } = architecture;
  const table = { ...configFields, used: [...configFields.used, ...fields] };
  checkFields(json as Readonly<Record<string, unknown>>, table, file);

  const hasAttentionBias = config.attention_bias ?? false;
  const slidingWindow = resolveSlidingWindow(config, window, file);
  const rope = resolveRope(config, file, architecture.defaultRopeTheta);
  const sizes = headSizes(config, architecture, file);
  return {
    architecture: type,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    numLayers: config.num_hidden_layers,
    ...sizes,
    intermediateSize: config.intermediate_size,
    contextLength: config.max_position_embeddings,
    rmsNormEps: config.rms_norm_eps ?? architecture.defaultRmsNormEps ?? 1e-6,
    hasTiedHead: config.tie_word_embeddings ?? architecture.tiesByDefault ?? false,
    hasQkvBias: hasQkvBias || hasAttentionBias || (config.qkv_bias ?? false),
    // Where query, key and value always have a bias, attention_bias means these alone.
    hasOutputBias: hasAttentionBias && !hasQkvBias,
    hasMlpBias: config.mlp_bias ?? false,
    ...(qkNorm === undefined ? {} : { qkNorm }),
    ...(architecture.hasNormsAfter ? { hasNormsAfter: true } : {}),
    ...(architecture.hasMultipliers ? { scales: scalesIn(config) } : {}),
    ...(slidingWindow === undefined ? {} : { slidingWindow }),
    ropeType: rope.type,
    ...rotationOf(rope, sizes.headDim, file),
    ...(architecture.hasUnrotatedLayers ? { unrotatedLayers: unrotatedLayers(config, file) } : {}),
  };
}

/** Granite's, each 1 where it is absent. */
function scalesIn(config: Config): Scales {
  return {
    embedding: config.embedding_multiplier ?? 1,
    score: config.attention_multiplier ?? 1,
    residual: config.residual_multiplier ?? 1,
    logits: 1 / (config.logits_scaling ?? 1),
  };
}

/** A 0 in `no_rope_layers`, whatever its name says; without it every fourth layer. */
function unrotatedLayers(config: Config, file: string): number[] {
  const { num_hidden_layers: numLayers, no_rope_layers: isRotated } = config;
  const interval = config.no_rope_layer_interval ?? 4;
  if (isRotated != null && isRotated.length < numLayers)
    throw invalidFieldIn(
      file,
      "no_rope_layers",
      isRotated.length,
      `must have num_hidden_layers (${numLayers}) entries`,
    );
  return Array.from({ length: numLayers }, (_, layer) => layer).filter((layer) =>
    isRotated == null ? (layer + 1) % interval === 0 : isRotated[layer] === 0,
  );
}

function headSizes(config: Config, { defaultHeadDim }: Architecture, file: string) {
  const numHeads = config.num_attention_heads;
  const numKeyValueHeads = config.num_key_value_heads ?? numHeads;
  const headDim = config.head_dim ?? defaultHeadDim ?? config.hidden_size / numHeads;
  if (!Number.isInteger(headDim / 2) || headDim > maxHeadDim)
    throw invalidFieldIn(
      file,
      "head_dim",
      headDim,
      `must be an even whole number up to ${maxHeadDim}`,
    );
  if (numHeads % numKeyValueHeads !== 0)
    throw invalidFieldIn(
      file,
      "num_key_value_heads",
      numKeyValueHeads,
      `must divide num_attention_heads (${numHeads})`,
    );
  return { numHeads, numKeyValueHeads, headDim };
}

function refuseUnsupported(config: Config, { className }: Architecture, file: string): void {
  const classes = config.architectures ?? [];
  const isOwnClass = (name: string) => name.toLowerCase() === className.toLowerCase();
  if (classes.length > 0 && !classes.some(isOwnClass))
    throw unsupportedField(file, "architectures", classes, className);
  // transformers has both names for SiLU.
  if (!["silu", "swish"].includes(config.hidden_act))
    throw unsupportedField(file, "hidden_act", config.hidden_act, "silu");
  if (config.quantization_config != null)
    throw unsupportedField(
      file,
      "quantization_config",
      "(present)",
      "unquantised F32, F16 and BF16 weights",
    );
}
