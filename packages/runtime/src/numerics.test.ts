import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  createTestRandom,
  createTinyTensors,
  findEmulator,
  type NamedTensor,
  type TinyModelOptions,
  writeSafetensors,
} from "@adaedl/testing";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import type { ModelThreadOptions } from "./messages.ts";
import { withNumerics } from "./numerics.ts";
import { cacheDirectory, open, writeTiny } from "./open-thread.cases.ts";

const options: TinyModelOptions = { architecture: "llama", hiddenSize: 256, vocabSize: 1_000 };
const directory = writeTiny(options);
const numericsOf = async (opened: ModelThreadOptions) =>
  (await withNumerics(await open(opened))).info.numerics;

/** The same model with other weights. */
function writeChanged(change: (tensor: NamedTensor) => Float32Array): string {
  const written = writeTiny(options);
  const tensors = createTinyTensors(options).map((one) => ({ ...one, values: change(one) }));
  writeSafetensors(join(written, "model.safetensors"), tensors);
  return written;
}

test("numerics are the same at each start, whatever the number of threads", async () => {
  const numerics = await numericsOf({ directory });
  expect(numerics).toMatch(/^[0-9a-f]{16}$/);
  expect(await numericsOf({ directory })).toBe(numerics);
  expect(await numericsOf({ directory, numThreads: 3 })).toBe(numerics);
});

test("a weight that differs in its last bits is enough for others, and so is another precision", async () => {
  const changed = writeChanged(({ name, values }) => {
    const copy = Float32Array.from(values);
    if (name === "model.norm.weight") new DataView(copy.buffer).setInt8(0, 1);
    return copy;
  });
  const all = await Promise.all([
    numericsOf({ directory }),
    numericsOf({ directory: changed }),
    numericsOf({ directory, weights: "int8" }),
  ]);
  expect(new Set(all).size).toBe(3);
});

test("a context shorter than the probe has numerics, too", async () => {
  const short = writeTiny({ ...options, contextLength: 5 });
  expect(await numericsOf({ directory: short })).toMatch(/^[0-9a-f]{16}$/);
});

const emulator = await findEmulator();
describe.skipIf(emulator === undefined)("on a CPU without AVX and FMA, emulated", () => {
  const here: (string | undefined)[] = [];
  let there: string[] = [];
  beforeAll(async () => {
    const linear = writeLinear();
    const models: ModelThreadOptions[] = [
      { directory: linear, weights: "int8" },
      { directory: linear },
      { directory },
    ];
    for (const model of models) here.push(await numericsOf(model)); // prepares the graphs for both
    // (Weights of this size are not packed, which would be for the kind of CPU here.)
    there = await numericsOn(emulator ?? "", "Nehalem", models);
  }, 600_000);

  test("products of int8 weights are the same", () => {
    expect(there[0]).toBe(here[0]);
  });

  const hasFma = emulator && /^flags\b.* fma /m.test(readFileSync("/proc/cpuinfo", "utf8"));
  test.skipIf(!hasFma)(
    "those of f32 are not, nor is a whole model: numerics tell them apart",
    () => {
      expect(there).toHaveLength(3);
      expect(there[1]).not.toBe(here[1]);
      expect(there[2]).not.toBe(here[2]);
    },
  );
});

/**
 * A model whose logits are a linear layer of sums that are exact on every CPU: embeddings are 1 and -1, so that their
 * norm is, and attention and feed-forward layers add nothing.
 */
function writeLinear(): string {
  return writeChanged(({ name, values }) => {
    const { integer } = createTestRandom(1);
    if (/o_proj|down_proj/.test(name)) return new Float32Array(values.length);
    return Float32Array.from(values, (value) =>
      /embed_tokens/.test(name) ? 2 * integer(2) - 1 : value,
    );
  });
}

/** What the program of cpu-kinds.cases.ts prints for these models on an emulated CPU. */
async function numericsOn(
  emulator: string,
  cpu: string,
  models: readonly ModelThreadOptions[],
): Promise<string[]> {
  const program = bundleProgram();
  // The emulator knows nothing of code that is made at run time.
  const command = ["-cpu", cpu, process.execPath, "--jitless", program];
  const asked = models.map((model) => JSON.stringify({ cacheDirectory, numThreads: 1, ...model }));
  const { stdout } = await promisify(execFile)(emulator, [...command, ...asked]);
  return stdout.trim().split("\n");
}

/** As plain JavaScript, with the entry of its model threads where it looks for it. */
function bundleProgram(): string {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const outdir = here("../../../node_modules/.cache/adaedl/cpu-kinds"); // where onnxruntime-node is found
  buildSync({
    entryPoints: {
      program: here("cpu-kinds.cases.ts"),
      "worker/worker-main": here("worker/worker-main.ts"),
    },
    outdir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@adaedl/source"],
    external: ["onnxruntime-node", "esbuild"],
  });
  writeFileSync(join(outdir, "package.json"), '{ "type": "module" }');
  return join(outdir, "program.js");
}
