import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors, writeTinyModel } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { prepareGraph } from "../graph/prepare-graph.ts";
import { failureOf, newPath, writeFiles } from "../temporary-directory.cases.ts";
import { findModelSource } from "./model-source.ts";
import { readDecoderSpec } from "./read-config.ts";

const weights = encodeSafetensors([{ name: "a", dtype: "F32", shape: [1], values: [1] }]);
const gpt2 = { model_type: "gpt2", vocab_size: 50257, n_positions: 1024 };
const exported = { "onnx/model.onnx": "graph" };

test("a directory that does not exist", async () => {
  const directory = newPath();
  expect(await failureOf(findModelSource(directory))).toEqual({
    code: "not_found",
    message: `model directory ${directory} does not exist`,
    field: directory,
  });
});

test("a file where a directory should be", async () => {
  const file = join(writeFiles({ "model.safetensors": weights }), "model.safetensors");
  expect(await failureOf(findModelSource(file))).toEqual({
    code: "not_found",
    message: `model directory ${file} is not a directory`,
    field: file,
  });
});

test("a directory without weights says what was looked for", async () => {
  const directory = writeFiles({ "config.json": gpt2, "pytorch_model.bin": "pickle" });
  expect(await failureOf(findModelSource(directory))).toEqual({
    code: "not_found",
    message: `${directory} has no weights: expected model.safetensors, model.safetensors.index.json or onnx/model.onnx`,
    field: directory,
  });
});

test("an adapter is not a model, even with weights beside it", async () => {
  const { directory } = writeTinyModel(newPath(), { architecture: "llama" });
  const file = join(directory, "adapter_config.json");
  writeFileSync(file, "{}");
  expect(await failureOf(findModelSource(directory))).toEqual({
    code: "unimplemented",
    message: `${directory} holds an adapter (adapter_config.json), which is not supported: merge it into its base model`,
    field: file,
  });
});

test.each(["config.json", "model.safetensors"])(
  "%s as git clone leaves it without Git LFS is told apart from a broken file",
  async (name) => {
    const { directory } = writeTinyModel(newPath(), { architecture: "llama" });
    const file = join(directory, name);
    writeFileSync(
      file,
      `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`,
    );
    expect(await failureOf(prepareGraph(directory, { cacheDirectory: newPath() }))).toEqual({
      code: "failed_precondition",
      message: `${file} is a Git LFS pointer, not the file itself: fetch it with git lfs pull`,
      field: file,
    });
  },
);

describe("weights", () => {
  test("are taken with their spec", async () => {
    const { directory } = writeTinyModel(newPath(), { architecture: "qwen3", numShards: 2 });
    expect(await findModelSource(directory)).toEqual({
      format: "safetensors",
      spec: await readDecoderSpec(directory),
      weightFiles: [1, 2].map((n) => join(directory, `model-0000${n}-of-00002.safetensors`)),
    });
  });

  test("go before an export", async () => {
    const { directory } = writeTinyModel(newPath(), { architecture: "llama" });
    writeFileSync(join(directory, "model.onnx"), "graph");
    expect(await findModelSource(directory)).toMatchObject({ format: "safetensors" });
  });

  test("of an architecture that cannot be built give way to an export", async () => {
    const files = { "config.json": gpt2, "model.safetensors": weights, ...exported };
    const directory = writeFiles(files);
    expect(await findModelSource(directory)).toEqual({
      format: "onnx-export",
      graphFile: join(directory, "onnx/model.onnx"),
      vocabSize: 50257,
      contextLength: 1024,
    });
  });

  test("of an architecture that cannot be built are refused without an export", async () => {
    const directory = writeFiles({ "config.json": gpt2, "model.safetensors": weights });
    expect((await failureOf(findModelSource(directory))).message).toBe(
      `${join(directory, "config.json")}: model_type "gpt2" is not supported (supported: llama, mistral, qwen2, qwen3, granite, olmo2, smollm3)`,
    );
  });

  test("with a broken config are refused, export or not", async () => {
    const { directory } = writeTinyModel(newPath(), { architecture: "llama" });
    const file = join(directory, "config.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...config, num_key_value_heads: 3 }));
    writeFileSync(join(directory, "model.onnx"), "graph");
    expect(await failureOf(findModelSource(directory))).toEqual({
      code: "invalid_argument",
      message: `${file}: num_key_value_heads must divide num_attention_heads (4), got 3`,
      field: "num_key_value_heads",
    });
  });
});

describe("an export", () => {
  const paths = [
    "onnx/model.onnx",
    "onnx/decoder_model_merged.onnx",
    "model.onnx",
    "decoder_model_merged.onnx",
  ];

  test.each(paths)("is found at %s", async (path) => {
    const config = { model_type: "llama", vocab_size: 300, max_position_embeddings: 64 };
    const directory = writeFiles({ "config.json": config, [path]: "graph" });
    expect(await findModelSource(directory)).toEqual({
      format: "onnx-export",
      graphFile: join(directory, path),
      vocabSize: 300,
      contextLength: 64,
    });
  });

  test("of several the first of the list is taken", async () => {
    const graphs = Object.fromEntries(paths.map((path) => [path, "graph"]));
    const directory = writeFiles({ "config.json": gpt2, ...graphs });
    for (const path of paths) {
      expect(await findModelSource(directory)).toMatchObject({ graphFile: join(directory, path) });
      renameSync(join(directory, path), join(directory, `${path}.away`));
    }
  });

  test.each(["max_position_embeddings", "n_positions", "n_ctx"])("context in %s", async (field) => {
    const config = { vocab_size: 300, [field]: 77 };
    const directory = writeFiles({ "config.json": config, ...exported });
    expect(await findModelSource(directory)).toMatchObject({ contextLength: 77 });
  });

  test.each([{ vocab_size: 300 }, { n_ctx: 64 }, { vocab_size: "300", n_ctx: 64 }, undefined])(
    "config %j does not say enough",
    async (config) => {
      const directory = writeFiles(config ? { "config.json": config, ...exported } : exported);
      const file = join(directory, "config.json");
      expect(await failureOf(findModelSource(directory))).toEqual({
        code: "invalid_argument",
        message: `${file} must say vocab_size and max_position_embeddings (or n_positions, n_ctx)`,
        field: file,
      });
    },
  );
});

describe("a draft model that was trained to draft in parallel", () => {
  const read = (value: unknown) => {
    const configFields = { adaedl_parallel: value };
    return findModelSource(
      writeTinyModel(newPath(), { architecture: "llama", configFields }).directory,
    );
  };

  test("says so in its config, as an exported graph does", async () => {
    const field = { mask_token_id: 7, depth: 8 };
    expect(await read(field)).toMatchObject({ parallel: { maskTokenId: 7, depth: 8 } });
    const config = { ...gpt2, adaedl_parallel: field };
    const directory = writeFiles({ ...exported, "config.json": config });
    expect(await findModelSource(directory)).toMatchObject({ parallel: { maskTokenId: 7 } });
    for (const absent of [undefined, null]) expect((await read(absent)).parallel).toBeUndefined();
  });

  test.each([
    ["", 7, "must be an object of mask_token_id and depth, got 7"],
    [".mask_token_id", { depth: 4 }, `is missing: it must be a whole number from 0 to`],
    [".mask_token_id", { mask_token_id: 99_999, depth: 4 }, "must be a whole number from 0 to"],
    [".mask_token_id", { mask_token_id: 1.5, depth: 4 }, "must be a whole number from 0 to"],
    [".depth", { mask_token_id: 7 }, "is missing: it must be a whole number from 2 to 16"],
    [".depth", { mask_token_id: 7, depth: 1 }, "must be a whole number from 2 to 16, got 1"],
    [".depth", { mask_token_id: 7, depth: 17 }, "must be a whole number from 2 to 16, got 17"],
  ])("is refused by name: %s of %j", async (name, value, problem) => {
    const failure = await failureOf(read(value));
    expect(failure).toMatchObject({ code: "invalid_argument", field: `adaedl_parallel${name}` });
    expect(failure.message).toContain(`config.json: adaedl_parallel${name} ${problem}`);
  });

  test("has no other fields", async () => {
    const failure = await failureOf(read({ mask_token_id: 7, depth: 4, heads: 3 }));
    expect(failure).toMatchObject({ code: "unimplemented", field: "adaedl_parallel.heads" });
  });
});
