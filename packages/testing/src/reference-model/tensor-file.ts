import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A tensor in float64, row-major. */
export interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Reads all tensors of a model directory, of one file or of all shards the index names. */
export function readModelTensors(directory: string): Map<string, ReferenceTensor> {
  const indexPath = join(directory, "model.safetensors.index.json");
  if (!existsSync(indexPath)) return readTensorFile(join(directory, "model.safetensors"));

  const index = JSON.parse(readFileSync(indexPath, "utf8")) as {
    readonly weight_map: Readonly<Record<string, string>>;
  };
  const tensors = new Map<string, ReferenceTensor>();
  for (const fileName of new Set(Object.values(index.weight_map))) {
    for (const [name, tensor] of readTensorFile(join(directory, fileName))) {
      if (index.weight_map[name] === fileName) tensors.set(name, tensor);
    }
  }
  return tensors;
}

/**
 * Reads one safetensors file of F32, F16 and BF16 tensors.
 *
 * @throws Error when a tensor has another format
 */
export function readTensorFile(path: string): Map<string, ReferenceTensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const data = bytes.subarray(8 + headerLength);
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength)) as Record<
    string,
    HeaderEntry
  >;
  const tensors = new Map<string, ReferenceTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const values = decode(entry.dtype, data.subarray(...entry.data_offsets));
    tensors.set(name, { shape: entry.shape, values });
  }
  return tensors;
}

function decode(dtype: string, data: Buffer): Float64Array {
  switch (dtype) {
    case "F32":
      return Float64Array.from({ length: data.length / 4 }, (_, i) => data.readFloatLE(i * 4));
    case "F16":
      return decodeHalves(data, decodeFloat16);
    case "BF16":
      return decodeHalves(data, decodeBfloat16);
    default:
      throw new Error(`the reference reads no ${dtype} tensors`);
  }
}

function decodeHalves(data: Buffer, decodeBits: (bits: number) => number): Float64Array {
  return Float64Array.from({ length: data.length / 2 }, (_, i) =>
    decodeBits(data.readUInt16LE(i * 2)),
  );
}

function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function decodeBfloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 7) & 0xff;
  const fraction = bits & 0x7f;
  if (exponent === 255) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -133;
  return sign * (128 + fraction) * 2 ** (exponent - 134);
}
