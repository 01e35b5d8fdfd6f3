import { type FileHandle, open } from "node:fs/promises";
import { throwIfAborted } from "@adaedl/core";
import { type DecoderSpec, openWeights, planWeights, readDecoderSpec } from "@adaedl/model";
import { aligned, type GgufTensor, type GgufValue, ggufHeader } from "./gguf-header.ts";

/**
 * Writes a Llama directory as a GGUF file of float32 weights, so that llama.cpp computes the same model. Its
 * tokens have made-up names: prompts have to be token ids.
 * @throws RangeError for another architecture, or a rotary embedding that is scaled
 */
export async function writeGguf(
  directory: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const spec = await readDecoderSpec(directory);
  if (spec.architecture !== "llama" || spec.ropeType !== "default")
    throw new RangeError(
      `${directory} must be a llama with plain rotary embedding, got ${spec.architecture} with ${spec.ropeType}`,
    );
  const weights = await openWeights(directory);
  const output = await open(file, "w");
  try {
    const tensors = [...planWeights(spec, weights.entries)].map(([name, shape]) => ({
      ...{ source: name, name: ggufName(name) },
      shape,
      numHeads: headsOf(name, spec),
    }));
    await output.write(ggufHeader(metadataOf(spec), tensors));
    for (const tensor of tensors) {
      throwIfAborted(signal);
      await writeTensor(output, weights.read(tensor.source), tensor);
    }
  } finally {
    await output.close();
    await weights.close();
  }
}

const layerNames: Readonly<Record<string, string>> = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** llama.cpp's name of one of Hugging Face's tensors. */
function ggufName(name: string): string {
  const [, layer, part = "", kind] = /^model\.layers\.(\d+)\.(.+)\.(\w+)$/.exec(name) ?? [];
  if (layer !== undefined) return `blk.${layer}.${layerNames[part]}.${kind}`;
  if (name === "model.embed_tokens.weight") return "token_embd.weight";
  return name === "model.norm.weight" ? "output_norm.weight" : "output.weight";
}

/** Heads of a tensor whose rows are rotated; 0 for others. */
function headsOf(name: string, spec: DecoderSpec): number {
  if (name.endsWith("q_proj.weight")) return spec.numHeads;
  return name.endsWith("k_proj.weight") ? spec.numKeyValueHeads : 0;
}

/**
 * llama.cpp rotates neighbours, where Hugging Face rotates the two halves of a head: rows of queries and keys
 * are put in that order.
 */
async function writeTensor(
  output: FileHandle,
  chunks: AsyncIterable<Float32Array>,
  { shape, numHeads }: GgufTensor & { readonly numHeads: number },
): Promise<void> {
  const values = new Float32Array(aligned(4 * shape.reduce((a, b) => a * b)) / 4);
  let filled = 0;
  for await (const chunk of chunks) {
    values.set(chunk, filled);
    filled += chunk.length;
  }
  if (numHeads > 0) {
    const [numRows = 0, size = 0] = shape;
    const half = numRows / numHeads / 2;
    const source = values.slice();
    for (let row = 0; row < numRows; row++) {
      const [head, index] = [Math.floor(row / half / 2), row % (2 * half)];
      const to = head * 2 * half + 2 * (index % half) + Math.floor(index / half);
      values.set(source.subarray(row * size, (row + 1) * size), to * size);
    }
  }
  await output.write(values);
}

function metadataOf(spec: DecoderSpec): Record<string, GgufValue> {
  const [, second = 1] = spec.inverseFrequencies; // base^(-2 / headDim)
  const ids = Array.from({ length: spec.vocabSize }, (_, id) => id);
  return {
    "general.architecture": "llama",
    "llama.vocab_size": spec.vocabSize,
    "llama.context_length": spec.contextLength,
    "llama.embedding_length": spec.hiddenSize,
    "llama.feed_forward_length": spec.intermediateSize,
    "llama.block_count": spec.numLayers,
    "llama.attention.head_count": spec.numHeads,
    "llama.attention.head_count_kv": spec.numKeyValueHeads,
    "llama.attention.key_length": spec.headDim,
    "llama.attention.value_length": spec.headDim,
    "llama.attention.layer_norm_rms_epsilon": { float: spec.rmsNormEps },
    "llama.rope.dimension_count": spec.headDim,
    "llama.rope.freq_base": { float: second ** (-spec.headDim / 2) },
    "tokenizer.ggml.model": "llama",
    "tokenizer.ggml.tokens": { strings: ids.map(tokenName) },
    "tokenizer.ggml.scores": { floats: ids.map((id) => -id) },
    "tokenizer.ggml.token_type": { ints: ids.map(tokenType) },
    "tokenizer.ggml.bos_token_id": 0,
    "tokenizer.ggml.eos_token_id": 0,
  };
}

// A tokenizer of this kind has to have a token of each byte.
const firstByte = 1;
const byteOf = (id: number) => id - firstByte;
const isByte = (id: number) => byteOf(id) >= 0 && byteOf(id) < 256;

function tokenName(id: number): string {
  if (!isByte(id)) return id === 0 ? "<s>" : `t${id} `;
  return `<0x${byteOf(id).toString(16).toUpperCase().padStart(2, "0")}>`;
}

function tokenType(id: number): number {
  const [normal, control, byte] = [1, 3, 6];
  if (isByte(id)) return byte;
  return id === 0 ? control : normal;
}
