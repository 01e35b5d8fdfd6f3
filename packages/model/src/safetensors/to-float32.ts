import { type WeightType, weightTypes } from "./header.ts";

/**
 * Converts little-endian weights to float32. F32 is copied, F16 and BF16 widened exactly.
 * @param into where the numbers go: at least as many as there are
 * @returns the part of `into` that was filled
 */
export function toFloat32(
  bytes: Buffer,
  type: WeightType,
  into = new Float32Array(bytes.length / weightTypes[type]),
): Float32Array {
  const floats = into.subarray(0, bytes.length / weightTypes[type]);
  if (type === "F32") {
    new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength).set(bytes);
    return floats;
  }
  // Buffers start anywhere; typed arrays want an aligned start.
  const { buffer, byteOffset, length } = bytes.byteOffset % 2 === 0 ? bytes : Buffer.from(bytes);
  const words = new Uint16Array(buffer, byteOffset, length / 2);
  if (type === "F16") widenF16(words, floats, halfTable());
  else widenBF16(words, new Int32Array(floats.buffer, floats.byteOffset, floats.length));
  return floats;
}

function widenF16(words: Uint16Array, floats: Float32Array, table: Float32Array): void {
  for (let i = 0; i < words.length; i++) floats[i] = table[words[i] as number] as number;
}

/** Signed words: unsigned ones take twice the time, since V8 makes numbers of their shifted bits. */
function widenBF16(words: Uint16Array, bits: Int32Array): void {
  for (let i = 0; i < words.length; i++) bits[i] = (words[i] as number) << 16;
}

let halves: Float32Array | undefined;

/** All 65 536 values of IEEE half precision: looking one up is faster than computing it. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 0x10000 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halves;
}
