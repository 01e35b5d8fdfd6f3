import { join } from "node:path";
import { writeTinyModel } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { failureOf, newPath, writeFiles } from "../temporary-directory.cases.ts";
import { supportedArchitectures } from "./architectures.ts";
import { publishedConfigs } from "./published-configs.cases.ts";
import { readDecoderSpec } from "./read-config.ts";

const llama = {
  model_type: "llama",
  vocab_size: 300,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 48,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  hidden_act: "silu",
};

/** Fields replaced in a llama config; undefined takes one out. */
const write = (fields: object) => writeFiles({ "config.json": { ...llama, ...fields } });
const read = (fields: object) => readDecoderSpec(write(fields));

async function failure(fields: object) {
  const directory = write(fields);
  return {
    ...(await failureOf(readDecoderSpec(directory))),
    file: join(directory, "config.json"),
  };
}

const llamaSpec = {
  architecture: "llama",
  vocabSize: 300,
  hiddenSize: 32,
  numLayers: 2,
  numHeads: 4,
  numKeyValueHeads: 2,
  headDim: 8,
  intermediateSize: 48,
  contextLength: 64,
  rmsNormEps: 1e-5,
  hasTiedHead: false,
  hasQkvBias: false,
  hasOutputBias: false,
  hasMlpBias: false,
  ropeType: "default",
  inverseFrequencies: [1, 0.1, 0.01, 0.001].map((frequency) => expect.closeTo(frequency, 15)),
};

describe("each architecture", () => {
  test("llama", async () => {
    expect(await read({})).toEqual(llamaSpec);
    const biases = { attention_bias: true, mlp_bias: true, tie_word_embeddings: true };
    expect(await read(biases)).toEqual({
      ...llamaSpec,
      hasQkvBias: true,
      hasOutputBias: true,
      hasMlpBias: true,
      hasTiedHead: true,
    });
  });

  test("mistral has its window where it says one", async () => {
    const spec = { ...llamaSpec, architecture: "mistral" };
    expect(await read({ model_type: "mistral", sliding_window: null })).toEqual(spec);
    expect(await read({ model_type: "mistral", sliding_window: 16 })).toEqual({
      ...spec,
      slidingWindow: 16,
    });
  });

  test("qwen2 has biases on query, key and value alone, and a window that is switched off", async () => {
    const window = { sliding_window: 32, use_sliding_window: false, max_window_layers: 1 };
    expect(await read({ model_type: "qwen2", ...window })).toEqual({
      ...llamaSpec,
      architecture: "qwen2",
      hasQkvBias: true,
    });
  });

  test("qwen3 normalises heads", async () => {
    const spec = { ...llamaSpec, architecture: "qwen3", qkNorm: "head" };
    expect(await read({ model_type: "qwen3", head_dim: 8 })).toEqual(spec);
    expect(await read({ model_type: "qwen3", head_dim: 8, attention_bias: true })).toEqual({
      ...spec,
      hasQkvBias: true,
      hasOutputBias: true,
    });
  });

  test("granite has factors, each 1 where it is absent", async () => {
    const scales = { embedding: 1, score: 1, residual: 1, logits: 1 };
    const spec = { ...llamaSpec, architecture: "granite", scales };
    expect(await read({ model_type: "granite" })).toEqual(spec);
    const fields = { embedding_multiplier: 12, attention_multiplier: 0.015625 };
    expect(
      await read({
        model_type: "granite",
        ...fields,
        residual_multiplier: 0.22,
        logits_scaling: 8,
      }),
    ).toEqual({
      ...spec,
      scales: { embedding: 12, score: 0.015625, residual: 0.22, logits: 0.125 },
    });
    expect(await failure({ embedding_multiplier: 12 })).toMatchObject({
      field: "embedding_multiplier",
    });
  });

  test("olmo2 normalises projections, and what layers return", async () => {
    const { rms_norm_eps: _, ...rest } = llama;
    const directory = writeFiles({ "config.json": { ...rest, model_type: "olmo2" } });
    expect(await readDecoderSpec(directory)).toEqual({
      ...{ ...llamaSpec, architecture: "olmo2" },
      ...{ qkNorm: "projection", hasNormsAfter: true, rmsNormEps: 1e-5 },
    });
  });

  test("smollm3 leaves layers unrotated, every fourth if it does not say which", async () => {
    const unrotated = async (fields: object) =>
      (await read({ model_type: "smollm3", num_hidden_layers: 9, ...fields })).unrotatedLayers;
    expect(await unrotated({})).toEqual([3, 7]);
    expect(await unrotated({ no_rope_layer_interval: 3 })).toEqual([2, 5, 8]);
    const layers = { no_rope_layers: [0, 1, 1, 1, 1, 1, 1, 1, 0], no_rope_layer_interval: 3 };
    expect(await unrotated(layers)).toEqual([0, 8]);
    expect(await failure({ model_type: "smollm3", no_rope_layers: [1] })).toMatchObject({
      code: "invalid_argument",
      field: "no_rope_layers",
    });
    const byDefault = await read({ model_type: "smollm3", rope_theta: undefined });
    expect(byDefault).toMatchObject({ hasTiedHead: true });
    expect(byDefault.inverseFrequencies[1]).toBeCloseTo(2e6 ** (-1 / 4), 12);
    expect(await failure({ no_rope_layers: [1, 0] })).toMatchObject({ field: "no_rope_layers" });
  });

  test.each(supportedArchitectures)("%s as it is published", async (architecture) => {
    const { directory, options } = writeTinyModel(newPath(), { architecture });
    expect(await readDecoderSpec(directory)).toMatchObject({
      architecture,
      vocabSize: options.vocabSize,
      hiddenSize: options.hiddenSize,
      numHeads: options.numHeads,
      numKeyValueHeads: options.numKeyValueHeads,
      headDim: options.headDim,
      contextLength: options.contextLength,
      hasQkvBias: architecture === "qwen2",
    });
  });
});

describe("what a config leaves out", () => {
  test("as many key and value heads as heads", async () => {
    const spec = { ...llamaSpec, numKeyValueHeads: 4 };
    expect(await read({ num_key_value_heads: undefined })).toEqual(spec);
    expect(await read({ num_key_value_heads: null })).toEqual(spec);
  });

  test("head_dim is hidden_size / heads, said it need not be", async () => {
    expect((await read({ head_dim: null })).headDim).toBe(8);
    const spec = await read({ head_dim: 6 });
    expect(spec.headDim).toBe(6);
    expect(spec.inverseFrequencies).toHaveLength(3);
  });

  test("a head of Qwen3 has 128 dimensions, as in transformers", async () => {
    expect((await read({ model_type: "qwen3" })).headDim).toBe(128);
  });

  test("epsilon, theta, activation, tied head", async () => {
    const { rms_norm_eps: _, rope_theta: __, hidden_act: ___, ...rest } = llama;
    const directory = writeFiles({ "config.json": { ...rest, tie_word_embeddings: null } });
    expect(await readDecoderSpec(directory)).toEqual({ ...llamaSpec, rmsNormEps: 1e-6 });
  });
});

describe("refused with file, field and rule", () => {
  test("no config.json", async () => {
    const directory = writeFiles({});
    expect(await failureOf(readDecoderSpec(directory))).toEqual({
      code: "not_found",
      message: `${directory} has no config.json`,
      field: join(directory, "config.json"),
    });
  });

  test("text that is not JSON", async () => {
    const directory = writeFiles({ "config.json": "{ model_type: llama }" });
    const file = join(directory, "config.json");
    expect(await failureOf(readDecoderSpec(directory))).toEqual({
      code: "invalid_argument",
      message: `${file} is not valid JSON`,
      field: file,
    });
  });

  test("a config.json that is a directory", async () => {
    const directory = writeFiles({ "config.json/x": "" });
    const file = join(directory, "config.json");
    expect(await failureOf(readDecoderSpec(directory))).toEqual({
      code: "invalid_argument",
      message: `${file} is not a file`,
      field: file,
    });
  });

  test("JSON that is no object", async () => {
    const directory = writeFiles({ "config.json": [] });
    const file = join(directory, "config.json");
    expect(await failureOf(readDecoderSpec(directory))).toEqual({
      code: "invalid_argument",
      message: `${file}: (the whole file): Invalid input: expected object, received array`,
      field: "(the whole file)",
    });
  });

  test.each([
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
  ])("no %s", async (field) => {
    const { file, ...problem } = await failure({ [field]: undefined });
    expect(problem).toEqual({
      code: "invalid_argument",
      message: `${file}: ${field} is missing`,
      field,
    });
  });

  test.each([
    ["vocab_size", 0, "Too small: expected number to be >0"],
    ["hidden_size", 31.5, "Invalid input: expected int, received number"],
    ["num_key_value_heads", -1, "Too small: expected number to be >0"],
    ["num_hidden_layers", "2", "Invalid input: expected number, received string"],
    ["rms_norm_eps", 0, "Too small: expected number to be >0"],
    ["rope_theta", -1, "Too small: expected number to be >0"],
    ["rope_scaling", "linear", "Invalid input: expected record, received string"],
    ["tie_word_embeddings", "yes", "Invalid input: expected boolean, received string"],
    ["sliding_window", 0, "Too small: expected number to be >0"],
  ])("%s %j", async (field, value, rule) => {
    const { file, ...problem } = await failure({ [field]: value });
    expect(problem).toEqual({
      code: "invalid_argument",
      message: `${file}: ${field}: ${rule}`,
      field,
    });
  });

  test("an unknown model type", async () => {
    const { file, ...problem } = await failure({ model_type: "gpt2" });
    expect(problem).toEqual({
      code: "unimplemented",
      message: `${file}: model_type "gpt2" is not supported (supported: llama, mistral, qwen2, qwen3, granite, olmo2, smollm3)`,
      field: "model_type",
    });
  });

  test("an unknown model type with a layout of its own is still called by its type", async () => {
    const config = { model_type: "gpt2", vocab_size: 300, n_embd: 32, n_layer: 2, n_head: 4 };
    const directory = writeFiles({ "config.json": config });
    expect(await failureOf(readDecoderSpec(directory))).toEqual({
      code: "unimplemented",
      message: `${join(directory, "config.json")}: model_type "gpt2" is not supported (supported: llama, mistral, qwen2, qwen3, granite, olmo2, smollm3)`,
      field: "model_type",
    });
  });

  test("another activation", async () => {
    const { file, ...problem } = await failure({ hidden_act: "gelu" });
    expect(problem).toEqual({
      code: "unimplemented",
      message: `${file}: hidden_act "gelu" is not supported (supported: silu)`,
      field: "hidden_act",
    });
  });

  test("quantised weights", async () => {
    const { file, ...problem } = await failure({ quantization_config: { quant_method: "gptq" } });
    expect(problem).toEqual({
      code: "unimplemented",
      message: `${file}: quantization_config "(present)" is not supported (supported: unquantised F32, F16 and BF16 weights)`,
      field: "quantization_config",
    });
    expect(await read({ quantization_config: null })).toEqual(llamaSpec);
  });

  test.each([
    [["LlamaForSequenceClassification"], '["LlamaForSequenceClassification"]'],
    [["LlamaModel"], '["LlamaModel"]'],
    [["LlamaForCausalLMEagle3"], '["LlamaForCausalLMEagle3"]'],
  ])("architectures %j", async (architectures, shown) => {
    const { file, ...problem } = await failure({ architectures });
    expect(problem).toEqual({
      code: "unimplemented",
      message: `${file}: architectures ${shown} is not supported (supported: LlamaForCausalLM)`,
      field: "architectures",
    });
  });

  test("heads that do not divide", async () => {
    const { file, ...problem } = await failure({ num_key_value_heads: 3 });
    expect(problem).toEqual({
      code: "invalid_argument",
      message: `${file}: num_key_value_heads must divide num_attention_heads (4), got 3`,
      field: "num_key_value_heads",
    });
  });

  test.each([
    [{ head_dim: 7 }, 7],
    [{ hidden_size: 36 }, 9],
    [{ hidden_size: 34 }, 8.5],
  ])("%j: heads of an odd size", async (fields, headDim) => {
    const { file, ...problem } = await failure(fields);
    expect(problem).toEqual({
      code: "invalid_argument",
      message: `${file}: head_dim must be an even whole number up to 65536, got ${headDim}`,
      field: "head_dim",
    });
  });
});

describe("every field counts, is harmless, or is refused", () => {
  test.each(Object.entries(publishedConfigs))("%s is read as published", async (_, config) => {
    const directory = writeFiles({ "config.json": config });
    await expect(readDecoderSpec(directory)).resolves.toMatchObject({
      architecture: (config as { model_type: string }).model_type,
    });
  });

  test.each([
    ["partial_rotary_factor", 0.5, "0.5 is not supported (supported: 1)"],
    ["logit_scale", 0.0625, "0.0625 is not supported (supported: 1)"],
    ["num_experts", 8, "8 is not supported (supported: 0)"],
    ["is_causal", false, "false is not supported (supported: true)"],
    ["hidden_activation", "gelu", '"gelu" is not supported (supported: "silu", "swish")'],
  ])("%s %j is refused, its neutral value is not", async (field, value, problem) => {
    const { file, ...failed } = await failure({ [field]: value });
    expect(failed).toEqual({
      code: "unimplemented",
      message: `${file}: ${field} ${problem}`,
      field,
    });
  });

  test.each([
    ["attn_logit_softcapping", 50, "50"],
    ["rope_condense_ratio", 8, "8"],
    ["rope_interleaved", true, "true"],
    ["dflash_config", { mask_token_id: 3 }, '{"mask_token_id":3}'],
    ["text_config", { hidden_size: 32 }, '{"hidden_size":32}'],
    ["per_layer_config", { "0": { head_dim: 4 } }, '{"0":{"head_dim":4}}'],
    ["notes", "x".repeat(99), `"${"x".repeat(76)}...`],
  ])("%s is not known and refused, unless it is empty", async (field, value, shown) => {
    const { file, ...failed } = await failure({ [field]: value });
    expect(failed).toEqual({
      code: "unimplemented",
      message: `${file}: ${field} ${shown} is not a known field: remove it if the model computes the same without it`,
      field,
    });
    for (const empty of [null, false, "", [], {}])
      expect(await read({ [field]: empty })).toEqual(llamaSpec);
  });

  test("neutral values, SiLU by its other name", async () => {
    const neutral = { partial_rotary_factor: 1, logit_scale: 1.0, num_experts: 0, is_causal: true };
    expect(await read({ ...neutral, hidden_act: "swish" })).toEqual(llamaSpec);
  });
});
