/** Number formats that weights are written in, as safetensors names them. */
export type StoredType = "F32" | "F16" | "BF16";

export const storedBytes = { F32: 4, F16: 2, BF16: 2 } as const satisfies Record<
  StoredType,
  number
>;

/** Numbers as little-endian bytes of a format, each rounded to the nearest, halfway to even. */
export function roundWeights(values: Float32Array, type: StoredType): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (type === "F32") return new Uint8Array(Uint32Array.from(bits).buffer);
  const toHalf = type === "F16" ? toFloat16 : toBfloat16;
  return new Uint8Array(Uint16Array.from(bits, toHalf).buffer);
}

/** The upper half of the bits; carries of the fraction count up the exponent, as they should. */
function toBfloat16(bits: number): number {
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  const exponent = (magnitude >>> 23) - 112;
  if (exponent >= 31) return sign | 0x7c00; // too large: infinite
  if (exponent > 0) return sign | roundedShift((exponent << 23) | (magnitude & 0x7f_ffff), 13);
  // Below the smallest normal number the fraction has its leading 1, and is shifted further.
  const shift = 14 - exponent;
  return sign | (shift > 31 ? 0 : roundedShift((magnitude & 0x7f_ffff) | 0x80_0000, shift));
}

/** An unsigned number shifted to the right, rounded to nearest even. */
function roundedShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value - kept * 2 ** shift;
  const half = 2 ** (shift - 1);
  return kept + Number(rest > half || (rest === half && (kept & 1) === 1));
}
