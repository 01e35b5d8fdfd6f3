import type { WeightType } from "./header.ts";

/** Converts little-endian weights to float32. F32 is copied, F16 and BF16 widened exactly. */
export function toFloat32(bytes: Buffer, type: WeightType): Float32Array {
  // Buffers start anywhere; typed arrays want an aligned start.
  const aligned = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  if (type === "F32") return new Float32Array(aligned);
  const halves = new Uint16Array(aligned);
  const table = type === "F16" ? halfTable() : undefined;
  const floats = new Float32Array(halves.length);
  if (table !== undefined) {
    for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i] as number] as number;
    return floats;
  }
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
  return floats;
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
