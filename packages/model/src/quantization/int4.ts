/** Inputs that share a scale. */
export const int4Block = 32;
export const int4BlockBytes = int4Block / 2;
/** The half byte that stands for 0. */
const zero = 8;
const largest = 15;
const half = zero + 0.5;

/** Levels that the largest weight of a block is mapped to, in search of the smallest error. */
const peakLevels = [-7, -7.5, -8, -8.5, -9];

/** Blocks of an output with so many inputs; the last one is filled up with zeros. */
export function numInt4Blocks(numInputs: number): number {
  return Math.ceil(numInputs / int4Block);
}

/**
 * Quantises the weights of one output in blocks of 32 to half bytes 0 to 15: weight ≈ (half byte - 8) · scale.
 * Even inputs are in the lower halves, as MatMulNBits has them. In each block the largest absolute weight is
 * mapped to each of `peakLevels`, and all are rounded and clipped; of these roundings, each with the scale that
 * fits it best by least squares, the one with the smallest squared error is kept (as `make_qx_quants` of
 * llama.cpp does). That lowers the error of the built-in models by 5 % against -8 alone.
 * @param bytes 16 for each block
 * @param scales one for each block; any sign
 */
export function quantizeInt4(weights: Float32Array, bytes: Uint8Array, scales: Float32Array): void {
  const numBlocks = numInt4Blocks(weights.length);
  for (let block = 0; block < numBlocks; block++) {
    const begin = block * int4Block;
    const end = Math.min(begin + int4Block, weights.length);
    const { perScale, scale } = bestRounding(weights, begin, end);
    const firstByte = block * int4BlockBytes;
    bytes.fill(zero | (zero << 4), firstByte, firstByte + int4BlockBytes);
    for (let i = begin; i < end; i++) {
      const byte = firstByte + ((i - begin) >> 1);
      const halfByte = halfByteOf((weights[i] as number) * perScale);
      bytes[byte] =
        (i - begin) % 2 === 0
          ? halfByte | (zero << 4)
          : ((bytes[byte] as number) & largest) | (halfByte << 4);
    }
    scales[block] = scale;
  }
}

/** What weights are multiplied with before the rounding that loses least, and the scale that fits its levels; both 0 where all weights are 0. */
function bestRounding(weights: Float32Array, begin: number, end: number) {
  let peak = 0;
  let size = 0;
  for (let i = begin; i < end; i++) {
    const weight = weights[i] as number;
    if (Math.abs(weight) <= size) continue;
    size = Math.abs(weight);
    peak = weight;
  }
  let best = { perScale: 0, scale: 0 };
  if (size === 0) return best;
  let mostExplained = -1;
  for (const peakLevel of peakLevels) {
    const perScale = peakLevel / peak;
    let dot = 0;
    let squares = 0;
    for (let i = begin; i < end; i++) {
      const weight = weights[i] as number;
      const level = halfByteOf(weight * perScale) - zero;
      dot += weight * level;
      squares += level * level;
    }
    // With the scale dot / squares the squared error is that of zeros less this.
    const explained = (dot * dot) / squares;
    if (explained <= mostExplained) continue;
    mostExplained = explained;
    best = { perScale, scale: dot / squares };
  }
  return best;
}

/** The nearest half byte for a level of -9 to 9. Truncating what is above -1 is rounding to the nearest. */
function halfByteOf(level: number): number {
  const byte = (level + half) | 0;
  return byte > largest ? largest : byte;
}
