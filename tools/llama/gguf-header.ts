/** A value of GGUF's metadata. Numbers are whole, but for `float`. */
export type GgufValue =
  | string
  | number
  | { readonly float: number }
  | { readonly strings: readonly string[] }
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Outermost first, as in safetensors; GGUF has it the other way round. */
  readonly shape: readonly number[];
}

const types = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 } as const;
const float32Tensor = 0;
const version = 3;
/** Of each tensor's data, where nothing else is said. */
export const ggufAlignment = 32;

/** What stands before the data of a GGUF file whose tensors are all float32, in this order. */
export function ggufHeader(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from("GGUF"), uint32(version), uint64(tensors.length)];
  parts.push(uint64(entries.length));
  for (const [key, value] of entries) parts.push(text(key), ...typedValue(value));
  let offset = 0;
  for (const { name, shape } of tensors) {
    parts.push(text(name), uint32(shape.length), ...shape.toReversed().map(uint64));
    parts.push(uint32(float32Tensor), uint64(offset));
    offset += aligned(4 * shape.reduce((a, b) => a * b));
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, Buffer.alloc(aligned(length) - length)]);
}

export function aligned(length: number): number {
  return Math.ceil(length / ggufAlignment) * ggufAlignment;
}

function typedValue(value: GgufValue): Buffer[] {
  if (typeof value === "string") return [uint32(types.string), text(value)];
  if (typeof value === "number") return [uint32(types.uint32), uint32(value)];
  if ("float" in value) return [uint32(types.float32), float32(value.float)];
  if ("strings" in value) return list(types.string, value.strings.map(text));
  if ("floats" in value) return list(types.float32, value.floats.map(float32));
  return list(types.int32, value.ints.map(uint32));
}

function list(type: number, items: readonly Buffer[]): Buffer[] {
  return [uint32(types.array), uint32(type), uint64(items.length), ...items];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
