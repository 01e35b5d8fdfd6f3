import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dtypeByteLength, type NamedTensor, writeSafetensors } from "./safetensors-writer.ts";
import { createTinyConfig, createTinyGenerationConfig } from "./tiny-model-config.ts";
import {
  type ResolvedTinyModelOptions,
  resolveTinyModelOptions,
  type TinyModelOptions,
} from "./tiny-model-options.ts";
import { createTinyTensors } from "./tiny-tensors.ts";
import { createTinyTokenizer } from "./tiny-tokenizer.ts";

/** A tiny model on disk. */
export interface TinyModel {
  readonly directory: string;
  readonly options: ResolvedTinyModelOptions;
}

/**
 * Writes a random model as a Hugging Face model directory: config.json, generation_config.json,
 * tokenizer.json, tokenizer_config.json and the weights in safetensors files. Takes milliseconds
 * and some 150 kB by default. The same options always write the same bytes.
 *
 * @param directory - made when missing; other files in it stay, so give each model its own
 * @throws RangeError when sizes do not fit together, the architecture lacks what is asked for or
 *   there are more shards than tensors
 */
export function writeTinyModel(directory: string, options: TinyModelOptions): TinyModel {
  const resolved = resolveTinyModelOptions(options);
  const tokenizer = createTinyTokenizer(resolved.tokenizer);
  const { chatTemplate } = resolved;

  mkdirSync(directory, { recursive: true });
  const documents = {
    "config.json": createTinyConfig(resolved, tokenizer),
    "generation_config.json": createTinyGenerationConfig(tokenizer),
    "tokenizer.json": tokenizer.tokenizerJson,
    "tokenizer_config.json": {
      ...tokenizer.tokenizerConfig,
      model_max_length: resolved.contextLength,
      ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
    },
  };
  for (const [name, content] of Object.entries(documents)) {
    writeJson(join(directory, name), content);
  }
  writeWeights(directory, createTinyTensors(options), resolved.numShards);
  return { directory, options: resolved };
}

function writeWeights(directory: string, tensors: NamedTensor[], numShards: number): void {
  if (!Number.isInteger(numShards) || numShards < 1 || numShards > tensors.length) {
    throw new RangeError(`numShards must be from 1 to ${tensors.length}, got ${numShards}`);
  }
  if (numShards === 1) {
    writeSafetensors(join(directory, "model.safetensors"), tensors);
    return;
  }
  const weightMap: Record<string, string> = {};
  for (let shard = 0; shard < numShards; shard++) {
    const start = Math.floor((shard * tensors.length) / numShards);
    const end = Math.floor(((shard + 1) * tensors.length) / numShards);
    const fileName = `model-${fiveDigits(shard + 1)}-of-${fiveDigits(numShards)}.safetensors`;
    const members = tensors.slice(start, end);
    writeSafetensors(join(directory, fileName), members);
    for (const { name } of members) weightMap[name] = fileName;
  }
  const totalSizeBytes = tensors.reduce(
    (sum, { dtype, values }) => sum + values.length * dtypeByteLength(dtype),
    0,
  );
  writeJson(join(directory, "model.safetensors.index.json"), {
    metadata: { total_size: totalSizeBytes },
    weight_map: weightMap,
  });
}

function fiveDigits(value: number): string {
  return String(value).padStart(5, "0");
}

function writeJson(path: string, content: unknown): void {
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}
