import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "@adaedl/core";
import { planWeights, readDecoderSpec } from "@adaedl/model";

/** Llama-shaped, with an embedding that is the head too. */
export const randomModels = {
  "44M": { hidden: 512, intermediate: 1536, layers: 9, heads: 8, keyValueHeads: 4 },
  "350M": { hidden: 1280, intermediate: 3456, layers: 19, heads: 20, keyValueHeads: 5 },
  "1.1B": { hidden: 2048, intermediate: 5632, layers: 24, heads: 32, keyValueHeads: 4 },
} as const;
export type RandomModelSize = keyof typeof randomModels;

const chunkSize = 1 << 20;

/**
 * Writes a model with random weights in BF16: config.json and model.safetensors, without a tokenizer. What it says
 * is nonsense; how long it takes is not.
 */
export async function writeRandomModel(
  directory: string,
  size: RandomModelSize,
  signal: AbortSignal,
): Promise<void> {
  const shape = randomModels[size];
  await mkdir(directory, { recursive: true });
  const config = {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: 32_000,
    hidden_size: shape.hidden,
    intermediate_size: shape.intermediate,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: true,
  };
  await writeFile(join(directory, "config.json"), JSON.stringify(config));
  const plan = planWeights(await readDecoderSpec(directory), new Set());
  let end = 0;
  const header: Record<string, object> = {};
  for (const [name, dims] of plan) {
    const begin = end;
    end += dims.reduce((a, b) => a * b, 2);
    header[name] = { dtype: "BF16", shape: dims, data_offsets: [begin, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = await open(join(directory, "model.safetensors"), "w");
  try {
    await file.write(Buffer.concat([length, text]));
    const chunks = new Map<number | undefined, Uint16Array>([[undefined, ones]]);
    for (const dims of plan.values()) {
      const count = dims.reduce((a, b) => a * b);
      const [, numIn] = dims;
      const values = chunks.get(numIn) ?? randomWeights(numIn as number);
      chunks.set(numIn, values); // tensors may repeat each other
      for (let from = 0; from < count; from += chunkSize) {
        throwIfAborted(signal);
        const bytes = Buffer.from(values.buffer, 0, 2 * Math.min(chunkSize, count - from));
        await file.write(bytes);
      }
    }
  } finally {
    await file.close();
  }
}

/** The upper half of 1 as float32. */
const ones = new Uint16Array(chunkSize).fill(0x3f80);

/** BF16 weights for so many inputs, which keep the size of what they are multiplied with. */
function randomWeights(numIn: number): Uint16Array {
  const floats = new Float32Array(chunkSize);
  const scale = 2 / Math.sqrt(numIn);
  for (let i = 0; i < chunkSize; i++)
    floats[i] = (Math.random() + Math.random() + Math.random() - 1.5) * scale;
  const words = new Uint32Array(floats.buffer);
  return Uint16Array.from(words, (word) => word >>> 16);
}
