import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createTinyTensors,
  type NamedTensor,
  type TinyModelOptions,
  writeSafetensors,
  writeTinyModel,
} from "@adaedl/testing";
import { expect, test } from "vitest";
import { readDecoderSpec } from "../directory/read-config.ts";
import { openWeights } from "../safetensors/weight-store.ts";
import { failureOf, newPath } from "../temporary-directory.cases.ts";
import { countParameters } from "./count-parameters.ts";
import { checkWeights, headName, planWeights } from "./weight-plan.ts";

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
  const plan = planWeights(spec);
  const tensors = createTinyTensors(options);
  expect(Object.fromEntries(plan)).toEqual(
    Object.fromEntries(tensors.map(({ name, shape }) => [name, shape])),
  );
  expect(headName(spec)).toBe(
    options.tieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight",
  );
  await check(directory);
  const sizes = tensors.map(({ shape }) => shape.reduce((a, b) => a * b));
  expect(await countParameters(directory)).toBe(sizes.reduce((a, b) => a + b));
});

async function check(directory: string): Promise<void> {
  const weights = await openWeights(directory);
  try {
    checkWeights(planWeights(await readDecoderSpec(directory)), weights);
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

test("tensors that nothing asks for do no harm", async () => {
  const extra: NamedTensor = { name: "rotary.inv_freq", dtype: "F32", shape: [1], values: [1] };
  const { directory } = writeChanged((tensors) => [...tensors, extra]);
  await expect(check(directory)).resolves.toBeUndefined();
});
