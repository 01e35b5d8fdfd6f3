import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readModelTensors } from "../reference-model/tensor-file.ts";
import type { TinyModelOptions } from "./tiny-model-options.ts";
import { createTinyTensors } from "./tiny-tensors.ts";
import { writeTinyModel } from "./write-tiny-model.ts";

const root = mkdtempSync(join(tmpdir(), "tiny-model-"));
afterAll(() => rmSync(root, { recursive: true }));

function write(name: string, options: TinyModelOptions) {
  const directory = join(root, name);
  const model = writeTinyModel(directory, options);
  const readJson = (file: string) => JSON.parse(readFileSync(join(directory, file), "utf8"));
  return { directory, model, readJson };
}

test("the defaults make a whole model directory", () => {
  const { directory, model, readJson } = write("defaults", { architecture: "llama", seed: 1 });
  expect(readdirSync(directory).sort()).toEqual([
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(readJson("config.json")).toMatchObject({
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 48,
    max_position_embeddings: 64,
    vocab_size: model.options.vocabSize,
    rope_theta: 10000,
    rope_scaling: null,
    tie_word_embeddings: false,
    torch_dtype: "float32",
  });
  expect(readJson("config.json")).not.toHaveProperty("head_dim");
  expect(Object.keys(readJson("tokenizer.json").model.vocab)).toHaveLength(model.options.vocabSize);
  expect(model.directory).toBe(directory);
});

describe("tensor names", () => {
  const norms = ["input_layernorm.weight", "post_attention_layernorm.weight"];
  const weights = [
    ...["q_proj", "k_proj", "v_proj", "o_proj"].map((name) => `self_attn.${name}.weight`),
    ...["gate_proj", "up_proj", "down_proj"].map((name) => `mlp.${name}.weight`),
  ];
  const biases = (names: string[]) => names.map((name) => `self_attn.${name}_proj.bias`);
  const headNorms = ["self_attn.q_norm.weight", "self_attn.k_norm.weight"];
  const mlpBiases = ["gate", "up", "down"].map((name) => `mlp.${name}_proj.bias`);

  test.each<[TinyModelOptions, string[]]>([
    [{ architecture: "llama" }, []],
    [
      { architecture: "llama", attentionBias: true, mlpBias: true },
      [...biases(["q", "k", "v", "o"]), ...mlpBiases],
    ],
    [{ architecture: "mistral", slidingWindow: 4 }, []],
    [{ architecture: "qwen2" }, biases(["q", "k", "v"])],
    [{ architecture: "qwen3" }, headNorms],
    [
      { architecture: "qwen3", attentionBias: true },
      [...headNorms, ...biases(["q", "k", "v", "o"])],
    ],
  ])("of %j", (options, extra) => {
    const names = createTinyTensors({ ...options, numLayers: 1 }).map(({ name }) => name);
    const inLayer = [...norms, ...weights, ...extra].map((name) => `model.layers.0.${name}`);
    expect(names.sort()).toEqual(
      [...inLayer, "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"].sort(),
    );
  });
});

test("shards and their index hold what one file would", () => {
  const one = write("one", { architecture: "qwen2" });
  const three = write("three", { architecture: "qwen2", numShards: 3 });
  const index = three.readJson("model.safetensors.index.json");
  expect(readdirSync(three.directory).filter((name) => name.endsWith("safetensors"))).toEqual([
    "model-00001-of-00003.safetensors",
    "model-00002-of-00003.safetensors",
    "model-00003-of-00003.safetensors",
  ]);
  const tensors = readModelTensors(one.directory);
  expect(readModelTensors(three.directory)).toEqual(tensors);
  expect(Object.keys(index.weight_map)).toEqual([...tensors.keys()]);
  const numValues = [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
  expect(index.metadata.total_size).toBe(4 * numValues);
});

test.each([
  ["F16", 2 ** -11, "float16"],
  ["BF16", 2 ** -8, "bfloat16"],
] as const)("%s weights are the F32 ones, rounded", (dtype, relativeError, torchDtype) => {
  const exact = readModelTensors(write("f32", { architecture: "llama" }).directory);
  const rounded = write(dtype, { architecture: "llama", dtype });
  expect(rounded.readJson("config.json").torch_dtype).toBe(torchDtype);
  for (const [name, { values }] of readModelTensors(rounded.directory)) {
    const expected = exact.get(name)?.values ?? new Float64Array();
    expect(values).toHaveLength(expected.length);
    const isClose = values.every((value, i) => {
      const original = expected[i] ?? Number.NaN;
      return Math.abs(value - original) <= Math.abs(original) * relativeError + 2 ** -25;
    });
    expect(isClose, name).toBe(true);
  }
});

test("the same options write the same bytes and tied models share all but the head", () => {
  const tensors = createTinyTensors({ architecture: "llama", seed: 5 });
  expect(createTinyTensors({ architecture: "llama", seed: 5 })).toEqual(tensors);
  expect(createTinyTensors({ architecture: "llama", seed: 6 })).not.toEqual(tensors);
  const tied = createTinyTensors({ architecture: "llama", seed: 5, tieWordEmbeddings: true });
  expect(tied).toEqual(tensors.filter(({ name }) => name !== "lm_head.weight"));
});

test("options reach the files", () => {
  const ropeScaling = { rope_type: "linear", factor: 2 };
  const mistral = write("options", {
    architecture: "mistral",
    headDim: 16,
    ropeScaling,
    slidingWindow: 8,
    tokenizer: "byte-fallback",
    chatTemplate: "{{ messages }}",
    vocabSize: 320,
  });
  expect(mistral.readJson("config.json")).toMatchObject({
    head_dim: 16,
    rope_scaling: ropeScaling,
    sliding_window: 8,
    vocab_size: 320,
    bos_token_id: 1,
    eos_token_id: 2,
  });
  expect(mistral.readJson("tokenizer_config.json")).toMatchObject({
    bos_token: "<s>",
    chat_template: "{{ messages }}",
  });
  const qwen3 = write("qwen3", { architecture: "qwen3" }).readJson("config.json");
  expect(qwen3).toMatchObject({ head_dim: 8, use_sliding_window: false });
});

test.each<[TinyModelOptions, string]>([
  [{ architecture: "llama", numHeads: 3, headDim: 4 }, "2 key-value heads do not divide 3 heads"],
  [{ architecture: "llama", headDim: 5 }, "headDim must be an even integer, got 5"],
  [{ architecture: "llama", vocabSize: 10 }, "vocabSize must be at least 300 for byte-level"],
  [{ architecture: "llama", slidingWindow: 4 }, "llama has no slidingWindow"],
  [{ architecture: "mistral", attentionBias: true }, "mistral has no attentionBias"],
  [{ architecture: "qwen2", mlpBias: true }, "qwen2 has no mlpBias"],
  [{ architecture: "llama", numShards: 0 }, "numShards must be from 1 to 21, got 0"],
])("%j is refused", (options, message) => {
  expect(() => writeTinyModel(join(root, "refused"), options)).toThrow(new RangeError(message));
});
