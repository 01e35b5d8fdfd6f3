const scratch = new DataView(new ArrayBuffer(8));

/**
 * Rounds a number to IEEE 754 binary16, to nearest with ties to even, and returns its 16 bits.
 * The number is rounded to float32 first, as a checkpoint converted from float32 would be.
 * Too large numbers become infinity, small ones subnormals or zero.
 */
export function toFloat16Bits(value: number): number {
  const single = Math.fround(value);
  const sign = Object.is(single, -0) || single < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(single);
  if (Number.isNaN(single)) return 0x7e00;
  // Half way from the largest finite number (65504) to the next step, which is even: infinity.
  if (magnitude >= 65520) return sign | 0x7c00;
  scratch.setFloat64(0, magnitude);
  const exponent = Math.max(((scratch.getUint16(0) >>> 4) & 0x7ff) - 1023, -14);
  // Division by a power of two is exact, so this is the only rounding.
  const numSteps = roundHalfToEven(magnitude / 2 ** (exponent - 10));
  // A normal number has 1024 to 2047 steps and a subnormal fewer; a carry raises the exponent.
  return sign | (((exponent + 15) << 10) + numSteps - 1024);
}

/**
 * Rounds a number to bfloat16, to nearest with ties to even, and returns its 16 bits. The number
 * is rounded to float32 first.
 */
export function toBfloat16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const lowestKeptBit = (bits >>> 16) & 1;
  return ((bits + 0x7fff + lowestKeptBit) >>> 16) & 0xffff;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction > 0.5 || (fraction === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
