import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type NamedTensor, writeSafetensors } from "../tiny-model/safetensors-writer.ts";
import type { TinyModelOptions } from "../tiny-model/tiny-model-options.ts";
import { createTinyTensors } from "../tiny-model/tiny-tensors.ts";
import { writeTinyModel } from "../tiny-model/write-tiny-model.ts";
import { loadReferenceModel } from "./load-reference-model.ts";

const root = mkdtempSync(join(tmpdir(), "reference-model-"));
afterAll(() => rmSync(root, { recursive: true }));

const PROMPT = [0, 40, 7, 7, 212, 99, 40, 3];
let numModels = 0;
const newDirectory = () => join(root, String(numModels++));

function load(options: TinyModelOptions) {
  return loadReferenceModel(writeTinyModel(newDirectory(), options).directory);
}

/** Writes a tiny model, then replaces fields of its config.json and all its tensors. */
function loadChanged(options: TinyModelOptions, config: object, tensors: NamedTensor[]) {
  const { directory } = writeTinyModel(newDirectory(), options);
  const path = join(directory, "config.json");
  const original = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...original, ...config }));
  writeSafetensors(join(directory, "model.safetensors"), tensors);
  return loadReferenceModel(directory);
}

function largestDifference(first: Float64Array[], second: Float64Array[]): number {
  expect(first).toHaveLength(second.length);
  const differences = first.flatMap((row, position) =>
    [...row].map((value, i) => Math.abs(value - (second[position]?.[i] ?? Number.NaN))),
  );
  return Math.max(...differences);
}

const KINDS: TinyModelOptions[] = [
  { architecture: "llama", attentionBias: true, mlpBias: true },
  { architecture: "mistral", slidingWindow: 3 },
  { architecture: "qwen2", tieWordEmbeddings: true },
  { architecture: "qwen3", headDim: 16 },
  { architecture: "granite" },
  { architecture: "olmo2" },
  { architecture: "smollm3" },
];

describe.each(KINDS)("%j", (options) => {
  const model = load(options);
  const logits = model.logits(PROMPT);

  test("there is a row of finite logits for every position", () => {
    expect(logits).toHaveLength(PROMPT.length);
    for (const row of logits) {
      expect(row).toHaveLength(model.config.vocabSize);
      expect(row.every(Number.isFinite)).toBe(true);
    }
    expect(model.logits([])).toEqual([]);
  });

  test("a later token changes no earlier logits but its own", () => {
    const changed = model.logits(PROMPT.map((token, i) => (i === 5 ? token + 1 : token)));
    expect(changed.slice(0, 5)).toEqual(logits.slice(0, 5));
    expect(largestDifference(changed.slice(5, 6), logits.slice(5, 6))).toBeGreaterThan(0.1);
    expect(largestDifference(changed.slice(6, 7), logits.slice(6, 7))).toBeGreaterThan(0.01);
  });

  test("a token id outside the vocabulary is refused", () => {
    const { vocabSize } = model.config;
    expect(() => model.logits([0, vocabSize])).toThrow(
      new RangeError(`token id ${vocabSize} is not in the vocabulary of ${vocabSize}`),
    );
  });
});

test("one layer and one head are what the formulas say", () => {
  const tensor = (name: string, shape: number[], values: number[]): NamedTensor => ({
    name,
    dtype: "F32",
    shape,
    values,
  });
  const identity = (name: string) =>
    tensor(`model.layers.0.self_attn.${name}_proj.weight`, [2, 2], [1, 0, 0, 1]);
  const directory = newDirectory();
  mkdirSync(directory);
  const config = {
    model_type: "llama",
    vocab_size: 2,
    hidden_size: 2,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    rms_norm_eps: 0,
  };
  writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  writeSafetensors(join(directory, "model.safetensors"), [
    // Root mean squares of 1: the first norm changes nothing.
    tensor("model.embed_tokens.weight", [2, 2], [Math.SQRT2, 0, 0, Math.SQRT2]),
    tensor("model.layers.0.input_layernorm.weight", [2], [1, 1]),
    ...["q", "k", "v", "o"].map(identity),
    tensor("model.layers.0.post_attention_layernorm.weight", [2], [1, 1]),
    tensor("model.layers.0.mlp.gate_proj.weight", [1, 2], [1, 0]),
    tensor("model.layers.0.mlp.up_proj.weight", [1, 2], [0, 1]),
    tensor("model.layers.0.mlp.down_proj.weight", [2, 1], [1, 0]),
    tensor("model.norm.weight", [2], [1, 2]),
    tensor("lm_head.weight", [2, 2], [1, 0, 1, 1]),
  ]);
  const logits = loadReferenceModel(directory).logits([0, 1])[1];

  // Token 1 is a quarter turn from token 0 and one radian further for its position.
  const scoreOfFirst = (2 * Math.cos(Math.PI / 2 + 1)) / Math.SQRT2;
  const scoreOfItself = 2 / Math.SQRT2;
  const probOfFirst = 1 / (1 + Math.exp(scoreOfItself - scoreOfFirst));
  const middle0 = probOfFirst * Math.SQRT2;
  const middle1 = Math.SQRT2 + (1 - probOfFirst) * Math.SQRT2;
  const middleSize = Math.sqrt((middle0 ** 2 + middle1 ** 2) / 2);
  const gate = middle0 / middleSize;
  const final0 = middle0 + (gate / (1 + Math.exp(-gate))) * (middle1 / middleSize);
  const finalSize = Math.sqrt((final0 ** 2 + middle1 ** 2) / 2);
  // The float32 file rounds the embedding.
  expect(logits?.[0]).toBeCloseTo(final0 / finalSize, 6);
  expect(logits?.[1]).toBeCloseTo((final0 + 2 * middle1) / finalSize, 6);
});

test("a tied head is an untied one with the embedding copied into it", () => {
  const tied: TinyModelOptions = { architecture: "llama", tieWordEmbeddings: true };
  const tensors = createTinyTensors(tied);
  const heads = tensors
    .filter(({ name }) => name === "model.embed_tokens.weight")
    .map((embedding) => ({ ...embedding, name: "lm_head.weight" }));
  expect(heads).toHaveLength(1);
  const copied = loadChanged(tied, { tie_word_embeddings: false }, [...tensors, ...heads]);
  expect(copied.logits(PROMPT)).toEqual(load(tied).logits(PROMPT));
});

test("grouped heads are single heads with the key-value heads repeated", () => {
  const grouped: TinyModelOptions = { architecture: "qwen2" };
  const repeated = createTinyTensors(grouped).map((tensor): NamedTensor => {
    if (!/[kv]_proj/.test(tensor.name)) return tensor;
    const values = Array.from(tensor.values);
    const half = values.length / 2;
    const [first, second] = [values.slice(0, half), values.slice(half)];
    const [numRows = 0, ...rest] = tensor.shape;
    const shape = [numRows * 2, ...rest];
    return { ...tensor, shape, values: [...first, ...first, ...second, ...second] };
  });
  const single = loadChanged(grouped, { num_key_value_heads: 4 }, repeated);
  expect(single.logits(PROMPT)).toEqual(load(grouped).logits(PROMPT));
});

test("a window hides what is outside it, in one layer exactly", () => {
  const model = load({ architecture: "mistral", slidingWindow: 3, numLayers: 1 });
  const full = load({ architecture: "mistral", numLayers: 1 });
  const changed = PROMPT.map((token, i) => (i === 1 ? token + 1 : token));
  const [before, after] = [model.logits(PROMPT), model.logits(changed)];
  expect(after[3]).not.toEqual(before[3]);
  expect(after.slice(4)).toEqual(before.slice(4));
  expect(full.logits(PROMPT).slice(0, 3)).toEqual(before.slice(0, 3));
  expect(full.logits(PROMPT)[3]).not.toEqual(before[3]);
});

test("a switched-off window of Qwen2 hides nothing, a switched-on one the upper layers only", () => {
  const options: TinyModelOptions = { architecture: "qwen2" };
  const tensors = createTinyTensors(options);
  const expected = load(options).logits(PROMPT);
  const withWindow = (config: object) =>
    loadChanged(options, { sliding_window: 2, ...config }, tensors);
  expect(withWindow({}).logits(PROMPT)).toEqual(expected);
  const upper = withWindow({ use_sliding_window: true, max_window_layers: 1 });
  expect(upper.config.slidingWindows).toEqual([null, 2]);
  expect(upper.logits(PROMPT)).not.toEqual(expected);
});

test("the rotation sees distances only: repeated tokens give repeated rows", () => {
  // With one window of one token each position sees itself alone, wherever it is.
  const model = load({ architecture: "mistral", slidingWindow: 1 });
  const rows = model.logits([9, 9, 9, 9]);
  expect(largestDifference(rows.slice(1), rows.slice(0, 3))).toBeLessThan(1e-12);
  const pairs = load({ architecture: "mistral", slidingWindow: 2, numLayers: 1 });
  const first = pairs.logits([30, 8, 9]).slice(2);
  const shifted = pairs.logits([1, 2, 3, 4, 30, 8, 9]).slice(6);
  expect(largestDifference(first, shifted)).toBeLessThan(1e-10);
});

test("positions matter: swapped tokens give other logits", () => {
  const model = load({ architecture: "llama" });
  const last = model.logits([0, 10, 20, 30]).slice(3);
  const swapped = model.logits([0, 20, 10, 30]).slice(3);
  expect(largestDifference(last, swapped)).toBeGreaterThan(0.01);
});

test("a missing tensor and one of another shape are named", () => {
  const options: TinyModelOptions = { architecture: "llama" };
  const tensors = createTinyTensors(options);
  expect(() => loadChanged(options, {}, tensors.slice(0, -1))).toThrow(
    new Error("there is no tensor lm_head.weight"),
  );
  expect(() => loadChanged(options, { num_key_value_heads: 1 }, tensors)).toThrow(
    new Error("tensor model.layers.0.self_attn.k_proj.weight has the shape [16, 32]"),
  );
});
