/** The byte that stands for 0: bytes are unsigned, see docs/decisions/0028. */
export const int8Zero = 128;
const largestLevel = 127;

/**
 * Quantises the weights of one output to bytes 1 to 255: weight ≈ (byte - 128) · scale. The scale maps the largest
 * absolute weight to 127. (Smaller scales, which clip it, lowered the squared error of no built-in model.)
 * @param bytes where the bytes go: the first to `offset`, each `stride` after the one before
 * @returns the scale; 0 where all weights are 0
 */
export function quantizeInt8(
  weights: Float32Array,
  bytes: Uint8Array,
  offset: number,
  stride: number,
): number {
  let peak = 0;
  for (let i = 0; i < weights.length; i++) {
    const size = Math.abs(weights[i] as number);
    if (size > peak) peak = size;
  }
  const scale = Math.fround(peak / largestLevel);
  const perScale = scale === 0 ? 0 : 1 / scale;
  const half = int8Zero + 0.5;
  // Truncating what is positive is rounding to the nearest.
  for (let i = 0, to = offset; i < weights.length; i++, to += stride)
    bytes[to] = ((weights[i] as number) * perScale + half) | 0;
  return scale;
}
