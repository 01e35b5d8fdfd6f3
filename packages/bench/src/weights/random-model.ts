import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "@adaedl/core";
import { planWeights, readDecoderSpec } from "@adaedl/model";

/** Llama-shaped; the largest is TinyLlama's shape, with a head of its own. */
export const randomModels = {
  "44M": { hidden: 512, intermediate: 1536, layers: 9, heads: 8, keyValueHeads: 4, tied: true },
  "350M": { hidden: 1280, intermediate: 3456, layers: 19, heads: 20, keyValueHeads: 5, tied: true },
  "1.1B": {
    ...{ hidden: 2048, intermediate: 5632, layers: 22, heads: 32, keyValueHeads: 4 },
    tied: false,
  },
} as const;
export type RandomModelSize = keyof typeof randomModels;

/** Tokens that these models have room for. */
export const randomContextLength = 33_000;

const chunkSize = 1 << 20;
/** A file of weights takes no tensor more once it has so much. */
const shardBytes = 500e6;

/**
 * Writes a model with random weights in BF16, without a tokenizer: config.json, and model.safetensors or an index
 * and its files. What it says is nonsense; how long it takes is not.
 */
export async function writeRandomModel(
  directory: string,
  size: RandomModelSize,
  signal: AbortSignal,
): Promise<void> {
  const { hidden, intermediate, layers, heads, keyValueHeads, tied } = randomModels[size];
  await mkdir(directory, { recursive: true });
  const config = {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: 32_000,
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    max_position_embeddings: randomContextLength,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: tied,
  };
  await writeFile(join(directory, "config.json"), JSON.stringify(config));
  const plan = planWeights(await readDecoderSpec(directory), new Set());

  const shards = [new Map<string, readonly number[]>()];
  let filled = 0;
  for (const [name, dims] of plan) {
    if (filled > shardBytes) {
      shards.push(new Map());
      filled = 0;
    }
    shards.at(-1)?.set(name, dims);
    filled += bytesOf(dims);
  }
  const weightMap: Record<string, string> = {};
  for (const [index, shard] of shards.entries()) {
    const places = [index + 1, shards.length].map((number) => String(number).padStart(5, "0"));
    const name =
      shards.length === 1 ? "model.safetensors" : `model-${places.join("-of-")}.safetensors`;
    await writeShard(join(directory, name), shard, signal);
    for (const tensor of shard.keys()) weightMap[tensor] = name;
  }
  if (shards.length > 1)
    await writeFile(
      join(directory, "model.safetensors.index.json"),
      JSON.stringify({ metadata: {}, weight_map: weightMap }),
    );
}

/** In BF16. */
function bytesOf(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 2);
}

async function writeShard(
  path: string,
  tensors: ReadonlyMap<string, readonly number[]>,
  signal: AbortSignal,
): Promise<void> {
  let end = 0;
  const header: Record<string, object> = {};
  for (const [name, dims] of tensors) {
    const begin = end;
    end += bytesOf(dims);
    header[name] = { dtype: "BF16", shape: dims, data_offsets: [begin, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(path, "w");
  try {
    await file.write(Buffer.concat([length, text]));
    const chunks = new Map<number | undefined, Uint16Array>([[undefined, ones]]);
    for (const [index, dims] of [...tensors.values()].entries()) {
      const [, numIn] = dims;
      const values = chunks.get(numIn) ?? randomWeights(numIn as number, tensors.size);
      chunks.set(numIn, values);
      // Each tensor starts elsewhere: onnxruntime keeps equal ones once, which would flatter the memory it takes.
      const start = numIn === undefined ? 0 : 2 * index;
      for (let left = bytesOf(dims); left > 0; left -= 2 * chunkSize) {
        throwIfAborted(signal);
        await file.write(Buffer.from(values.buffer, start, Math.min(2 * chunkSize, left)));
      }
    }
  } finally {
    await file.close();
  }
}

/** The upper half of 1 as float32. */
const ones = new Uint16Array(chunkSize).fill(0x3f80);

/** BF16 weights for so many inputs, which keep the size of what they are multiplied with; a chunk of them and some more. */
function randomWeights(numIn: number, numMore: number): Uint16Array {
  const floats = new Float32Array(chunkSize + numMore);
  const scale = 2 / Math.sqrt(numIn);
  for (let i = 0; i < floats.length; i++)
    floats[i] = (Math.random() + Math.random() + Math.random() - 1.5) * scale;
  const words = new Uint32Array(floats.buffer);
  return Uint16Array.from(words, (word) => word >>> 16);
}
