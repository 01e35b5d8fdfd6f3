import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exampleModelDirectory } from "@adaedl/example-models";
import { createTinyTensors, writeSafetensors, writeTinyModel } from "@adaedl/testing";
import { describe, expect, it } from "vitest";
import { createCli, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const { adaedl } = createCli();
const architecture = "qwen3";

function model(name: string): string {
  return writeTinyModel(join(folder, name), { architecture, dtype: "BF16" }).directory;
}

async function report(directory: string) {
  const { exitCode, stdout, stderr } = await adaedl(["inspect", directory, "--json"]);
  expect(stderr).toBe("");
  const { runs, problems, ...facts } = JSON.parse(stdout);
  expect(exitCode).toBe(runs ? 0 : 1);
  expect(problems.length > 0).toBe(!runs);
  return { runs, problems, ...facts };
}

describe("inspect", () => {
  it("describes a built-in model", async () => {
    const { exitCode, stdout, stderr } = await adaedl(["inspect", "storyteller-target"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(
      [
        exampleModelDirectory("storyteller-target"),
        "architecture   llama",
        "format         safetensors (the graph is built here)",
        "parameters     3.95 M F16",
        "prepared as    f32 15.8 MB, int8 4.11 MB, int4 2.97 MB",
        "in memory      f32 20.0 MB, int8 5.19 MB, int4 4.72 MB",
        "KV cache       4.10 kB a token",
        "drafts in      f32",
        "layers         4",
        "hidden size    256",
        "heads          4, key-value heads 2, head dim 64",
        "vocabulary     4096",
        "context        512 tokens",
        "rope           default",
        "tokenizer      byte-level BPE, 4096 tokens",
        "bos            <|endoftext|> (0)",
        "eos            <|endoftext|> (0)",
        "chat template  yes",
        "size on disk   8.01 MB",
        "runs           yes",
        "",
      ].join("\n"),
    );
  });

  it("describes any model as JSON", async () => {
    const directory = join(folder, "scaled");
    const ropeScaling = { rope_type: "linear", factor: 2 };
    writeTinyModel(directory, { architecture, ropeScaling, chatTemplate: "{{ messages }}" });
    const facts = await report(directory);
    expect(facts).toMatchObject({ directory, format: "safetensors", architecture, runs: true });
    expect(facts).toMatchObject({
      weightTypes: ["F32"],
      numLayers: 2,
      hiddenSize: 32,
      numHeads: 4,
    });
    expect(facts).toMatchObject({ numKeyValueHeads: 2, headDim: 8, contextLength: 64 });
    expect(facts).toMatchObject({ ropeType: "linear", hasChatTemplate: true });
    expect(facts.eosTokens).toEqual([{ id: 0, token: "<|endoftext|>" }]);
    const numWeights = createTinyTensors({ architecture, ropeScaling }).reduce(
      (sum, { values }) => sum + values.length,
      0,
    );
    expect(facts.numParameters).toBe(numWeights);
  });

  it("says of a draft model how many places it drafts in a forward", async () => {
    const directory = join(folder, "parallel");
    const configFields = { adaedl_parallel: { mask_token_id: 5, depth: 4 } };
    writeTinyModel(directory, { architecture, configFields });
    const { stdout } = await adaedl(["inspect", directory]);
    expect(stdout).toMatch(/^in parallel {4}drafts 4 places in one forward \(mask 5\)$/m);
    expect((await report(directory)).parallelDrafting).toEqual({ depth: 4, maskTokenId: 5 });
  });

  it("says why a chat template cannot be used, and that the model runs all the same", async () => {
    const directory = join(folder, "strange-template");
    writeTinyModel(directory, { architecture, chatTemplate: "{% strange %}" });
    const { exitCode, stdout } = await adaedl(["inspect", directory]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^chat template {2}no — Unknown statement type: strange$/m);
    expect(stdout).toMatch(/^runs {11}yes$/m);
  });

  it("says why a model will not run", async () => {
    const cut = model("cut");
    const file = join(cut, "model.safetensors");
    truncateSync(file, readFileSync(file).length - 100);
    const { exitCode, stdout } = await adaedl(["inspect", cut]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^architecture {3}qwen3$/m);
    expect(stdout).toMatch(
      /^runs {11}no — .*model\.safetensors is not a whole safetensors file: .*\(truncated\?\)$/m,
    );
  });

  it("checks names, shapes and types of the weights", async () => {
    const tensors = createTinyTensors({ architecture, dtype: "BF16" });
    const [first, ...others] = tensors;
    const lacking = model("lacking");
    writeSafetensors(join(lacking, "model.safetensors"), others);
    expect((await report(lacking)).problems).toEqual([
      `tensor ${first?.name} [${first?.shape.join(", ")}] is missing from ${lacking}/model.safetensors`,
    ]);

    const bent = model("bent");
    const config = JSON.parse(readFileSync(join(bent, "config.json"), "utf8"));
    writeFileSync(join(bent, "config.json"), JSON.stringify({ ...config, intermediate_size: 49 }));
    expect((await report(bent)).problems[0]).toMatch(
      /tensor \S+ has shape \[48, 32\], config.json asks for \[49, 32\]$/,
    );

    const exotic = model("exotic");
    const file = join(exotic, "model.safetensors");
    const bytes = readFileSync(file).toString("latin1").replace('"BF16"', '"F8_X"');
    writeFileSync(file, bytes, "latin1");
    expect((await report(exotic)).problems[0]).toMatch(
      /: tensor \S+ has type F8_X \(supported: F32, F16, BF16\)$/,
    );
  });

  it("refuses what would be left out, as running does", async () => {
    const directory = model("extra");
    const extra = { name: "score.weight", dtype: "F32", shape: [1], values: [1] } as const;
    const tensors = createTinyTensors({ architecture, dtype: "BF16" });
    writeSafetensors(join(directory, "model.safetensors"), [...tensors, extra]);
    writeFileSync(join(directory, "generation_config.json"), '{"no_repeat_ngram_size": 3}');
    const { problems } = await report(directory);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain("tensor score.weight [1]: the model");
    expect(problems[1]).toContain("no_repeat_ngram_size 3 is not supported (supported: 0)");
  });

  it("collects every problem", async () => {
    const directory = model("many");
    const config = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
    writeFileSync(
      join(directory, "config.json"),
      JSON.stringify({ ...config, model_type: "gpt2" }),
    );
    rmSync(join(directory, "tokenizer.json"));
    const { architecture: name, problems } = await report(directory);
    expect(name).toBe("gpt2");
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('model_type "gpt2" is not supported');
    expect(problems[1]).toContain("tokenizer.json");
  });

  it("opens an exported graph to see whether it runs", async () => {
    const directory = model("exported");
    rmSync(join(directory, "model.safetensors"));
    writeFileSync(join(directory, "model.onnx"), "no graph");
    const facts = await report(directory);
    expect(facts).toMatchObject({ format: "onnx-export", runs: false, contextLength: 64 });
    expect(facts.problems[0]).toContain("model.onnx");
  });

  it("refuses a directory that does not exist", async () => {
    const { exitCode, stdout, stderr } = await adaedl(["inspect", join(folder, "nowhere")]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe(`adaedl: model directory ${folder}/nowhere does not exist\n`);
  });

  it("says of an empty directory what it lacks", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    expect((await report(empty)).problems[0]).toMatch(/^\S+ has no weights: expected /);
  });
});
