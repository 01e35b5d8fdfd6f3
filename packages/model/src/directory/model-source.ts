import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import * as z from "zod/mini";
import { findWeightFiles } from "../safetensors/weight-store.ts";
import type { DecoderSpec } from "./decoder-spec.ts";
import { type ParallelDrafting, parallelField, readParallelDrafting } from "./parallel-drafting.ts";
import { readDecoderSpec } from "./read-config.ts";
import { readJsonIfPresent } from "./read-json.ts";

/** What there is to run in a model directory. */
export type ModelSource = SafetensorsSource | OnnxExportSource;

/** Weights from which the graph is built here. */
export interface SafetensorsSource {
  readonly format: "safetensors";
  readonly spec: DecoderSpec;
  readonly weightFiles: readonly string[];
  readonly parallel?: ParallelDrafting | undefined;
}

/** A graph somebody exported (Optimum): the slower compatibility path. */
export interface OnnxExportSource {
  readonly format: "onnx-export";
  readonly graphFile: string;
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly parallel?: ParallelDrafting | undefined;
}

const exportedGraphs = [
  "onnx/model.onnx",
  "onnx/decoder_model_merged.onnx",
  "model.onnx",
  "decoder_model_merged.onnx",
];

/**
 * Finds out what a model directory holds. Weights come first; an exported graph is used where
 * there are none, or none of an architecture that can be built.
 * @throws AdaedlError when nothing in it can be run, naming what is missing or not supported
 */
export async function findModelSource(directory: string): Promise<ModelSource> {
  await requireDirectory(directory);
  await refuseAdapter(directory);
  const graphFile = await firstPresent(exportedGraphs.map((name) => join(directory, name)));
  const weightFiles = await findWeightFiles(directory);
  if (weightFiles.length === 0 && graphFile === undefined)
    throw new AdaedlError(
      "not_found",
      `${directory} has no weights: expected model.safetensors, model.safetensors.index.json or onnx/model.onnx`,
      { field: directory },
    );
  if (graphFile === undefined || weightFiles.length > 0) {
    try {
      const spec = await readDecoderSpec(directory);
      const parallel = await parallelOf(directory, spec.vocabSize);
      return { format: "safetensors", spec, weightFiles, parallel };
    } catch (error) {
      const isForExport = error instanceof AdaedlError && error.code === "unimplemented";
      if (graphFile === undefined || !isForExport) throw error;
    }
  }
  const sizes = await readExportSizes(directory);
  const parallel = await parallelOf(directory, sizes.vocabSize);
  return { format: "onnx-export", graphFile, ...sizes, parallel };
}

async function parallelOf(directory: string, vocabSize: number) {
  const file = join(directory, "config.json");
  const config = (await readJsonIfPresent(file)) as Readonly<Record<string, unknown>>;
  return readParallelDrafting(config[parallelField], vocabSize, file);
}

const exportConfigSchema = z.pipe(
  z.object({
    vocab_size: z.int().check(z.positive()),
    max_position_embeddings: z.optional(z.int().check(z.positive())),
    n_positions: z.optional(z.int().check(z.positive())),
    n_ctx: z.optional(z.int().check(z.positive())),
  }),
  z.transform((config) => ({
    vocabSize: config.vocab_size,
    contextLength: config.max_position_embeddings ?? config.n_positions ?? config.n_ctx,
  })),
);

async function readExportSizes(directory: string) {
  const file = join(directory, "config.json");
  const parsed = exportConfigSchema.safeParse(await readJsonIfPresent(file));
  const contextLength = parsed.data?.contextLength;
  if (parsed.data === undefined || contextLength === undefined)
    throw new AdaedlError(
      "invalid_argument",
      `${file} must say vocab_size and max_position_embeddings (or n_positions, n_ctx)`,
      { field: file },
    );
  return { vocabSize: parsed.data.vocabSize, contextLength };
}

async function requireDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory()) return;
  const problem = found === undefined ? "does not exist" : "is not a directory";
  throw new AdaedlError("not_found", `model directory ${directory} ${problem}`, {
    field: directory,
  });
}

/** transformers would load its base model and put the adapter on top. */
async function refuseAdapter(directory: string): Promise<void> {
  const file = await firstPresent([join(directory, "adapter_config.json")]);
  if (file === undefined) return;
  throw new AdaedlError(
    "unimplemented",
    `${directory} holds an adapter (adapter_config.json), which is not supported: merge it into its base model`,
    { field: file },
  );
}

async function firstPresent(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const isPresent = await access(path).then(
      () => true,
      () => false,
    );
    if (isPresent) return path;
  }
  return undefined;
}
