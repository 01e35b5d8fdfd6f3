import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createTinyTensors,
  type NamedTensor,
  type TinyModelOptions,
  writeSafetensors,
  writeTinyModel,
} from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { readDecoderSpec } from "../directory/read-config.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { failureOf, newPath } from "../temporary-directory.cases.ts";
import { checkWeights } from "./check-weights.ts";
import { countParameters } from "./count-parameters.ts";
import { headName, planWeights } from "./weight-plan.ts";

const kinds: TinyModelOptions[] = [
  { architecture: "llama" },
  { architecture: "llama", tieWordEmbeddings: true },
  { architecture: "llama", attentionBias: true, mlpBias: true, headDim: 6 },
  { architecture: "llama", numKeyValueHeads: 1, numLayers: 3 },
  { architecture: "mistral" },
  { architecture: "qwen2" },
  { architecture: "qwen3", headDim: 16, attentionBias: true },
];

test.each(kinds)("the plan of %j is the tensors of its checkpoint", async (options) => {
  const { directory } = writeTinyModel(newPath(), options);
  const spec = await readDecoderSpec(directory);
  const tensors = createTinyTensors(options);
  const plan = planWeights(spec, new Set(tensors.map(({ name }) => name)));
  expect(Object.fromEntries(plan)).toEqual(
    Object.fromEntries(tensors.map(({ name, shape }) => [name, shape])),
  );
  expect(headName(plan)).toBe(
    options.tieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight",
  );
  await check(directory);
  const sizes = tensors.map(({ shape }) => shape.reduce((a, b) => a * b));
  expect(await countParameters(directory)).toBe(sizes.reduce((a, b) => a + b));
});

async function check(directory: string): Promise<void> {
  const weights = await openWeights(directory);
  try {
    checkWeights(planWeights(await readDecoderSpec(directory), weights.entries), weights);
  } finally {
    await weights.close();
  }
}

function writeChanged(change: (tensors: NamedTensor[]) => NamedTensor[]) {
  const options: TinyModelOptions = { architecture: "llama" };
  const { directory } = writeTinyModel(newPath(), options);
  const file = join(directory, "model.safetensors");
  writeSafetensors(file, change(createTinyTensors(options)));
  return { directory, file };
}

test("a missing tensor is named with its shape and the files", async () => {
  const name = "model.layers.1.mlp.up_proj.weight";
  const { directory, file } = writeChanged((tensors) => tensors.filter((t) => t.name !== name));
  expect(await failureOf(check(directory))).toEqual({
    code: "invalid_argument",
    message: `tensor ${name} [48, 32] is missing from ${file}`,
    field: name,
  });
});

test("a tensor missing from shards names them all", async () => {
  const { directory } = writeTinyModel(newPath(), { architecture: "llama", numShards: 2 });
  const config = join(directory, "config.json");
  const json = JSON.parse(readFileSync(config, "utf8"));
  writeFileSync(config, JSON.stringify({ ...json, num_hidden_layers: 3 }));
  const files = [1, 2].map((n) => join(directory, `model-0000${n}-of-00002.safetensors`));
  expect((await failureOf(check(directory))).message).toBe(
    `tensor model.layers.2.input_layernorm.weight [32] is missing from ${files.join(", ")}`,
  );
});

test("a tensor of another shape is named with its file and both shapes", async () => {
  const name = "model.layers.0.self_attn.k_proj.weight";
  const { directory, file } = writeChanged((tensors) =>
    tensors.map((tensor) => (tensor.name === name ? { ...tensor, shape: [32, 16] } : tensor)),
  );
  expect(await failureOf(check(directory))).toEqual({
    code: "invalid_argument",
    message: `${file}: tensor ${name} has shape [32, 16], config.json asks for [16, 32]`,
    field: name,
  });
});

const tensor = (name: string, shape: readonly number[] = [1]): NamedTensor => ({
  name,
  dtype: "F32",
  shape,
  values: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

test.each([
  "model.layers.1.self_attn.rotary_emb.inv_freq",
  "model.rotary_emb.inv_freq",
  "model.embeddings.position_ids",
  "model.layers.0.self_attn.masked_bias",
])("%s does no harm", async (name) => {
  const { directory } = writeChanged((tensors) => [...tensors, tensor(name)]);
  await expect(check(directory)).resolves.toBeUndefined();
});

test.each([
  ["model.layers.2.mlp.up_proj.weight", [48, 32]],
  ["model.layers.0.self_attn.q_norm.weight", [8]],
  ["model.layers.0.input_layernorm.bias", [32]],
  ["model.layers.0.self_attn.q_proj.weight_scale", [1]],
  ["model.layers.0.self_attn.q_proj.lora_A.weight", [4, 32]],
  ["lm_head.bias", [300]],
  ["score.weight", [2, 32]],
])("%s would be left out and is refused", async (name, shape) => {
  const { directory, file } = writeChanged((tensors) => [...tensors, tensor(name, shape)]);
  expect(await failureOf(check(directory))).toEqual({
    code: "unimplemented",
    message: `${file}: tensor ${name} [${shape.join(", ")}]: the model that config.json describes has no such tensor`,
    field: name,
  });
});

test("of many tensors that would be left out the first is named", async () => {
  const others = ["a", "b", "c"].map((name) => tensor(name));
  const { directory, file } = writeChanged((tensors) => [...tensors, ...others]);
  expect((await failureOf(check(directory))).message).toBe(
    `${file}: tensor a [1] and 2 more: the model that config.json describes has no such tensor`,
  );
});

describe("what the weights have though the config does not announce it", () => {
  test("single biases are used, each for itself", async () => {
    const names = ["self_attn.q_proj.bias", "self_attn.o_proj.bias", "mlp.up_proj.bias"];
    const [query, output, up] = names.map((name) => `model.layers.0.${name}`) as [
      string,
      string,
      string,
    ];
    const biases = [tensor(query, [32]), tensor(output, [32]), tensor(up, [48])];
    const { directory } = writeChanged((tensors) => [...tensors, ...biases]);
    const weights = await openWeights(directory);
    const plan = planWeights(await readDecoderSpec(directory), weights.entries);
    await weights.close();
    expect([...plan.keys()].filter((name) => name.endsWith(".bias"))).toEqual([query, output, up]);
    await check(directory);
  });

  test("a bias of the wrong size is refused", async () => {
    const name = "model.layers.0.self_attn.q_proj.bias";
    const { directory } = writeChanged((tensors) => [...tensors, tensor(name, [16])]);
    expect((await failureOf(check(directory))).message).toMatch(
      /has shape \[16\], .* asks for \[32\]$/,
    );
  });

  test("a bias that is announced has to be there", async () => {
    const { directory } = writeTinyModel(newPath(), {
      architecture: "llama",
      configFields: { qkv_bias: true },
    });
    expect((await failureOf(check(directory))).message).toMatch(
      /^tensor model\.layers\.0\.self_attn\.q_proj\.bias \[32\] is missing/,
    );
  });

  test("a head beside a tied embedding is used", async () => {
    const { directory } = writeTinyModel(newPath(), {
      architecture: "llama",
      configFields: { tie_word_embeddings: true },
    });
    const weights = await openWeights(directory);
    const plan = planWeights(await readDecoderSpec(directory), weights.entries);
    await weights.close();
    expect(headName(plan)).toBe("lm_head.weight");
    await check(directory);
  });
});
