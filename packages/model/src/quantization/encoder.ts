import type { WeightPrecision } from "@adaedl/core";
import { int4BlockBytes, numInt4Blocks, quantizeInt4 } from "./int4.ts";
import { quantizeInt8 } from "./int8.ts";

/** Bytes of a stored tensor. */
export interface Piece {
  /** From the tensor's first byte. */
  readonly offset: number;
  /** Only until the next piece is asked for. */
  readonly bytes: Uint8Array;
}

/** Turns a tensor into the bytes that are stored, some of its rows at a time. */
export interface WeightEncoder {
  /** @param rows whole rows; the next ones of the tensor */
  encode(rows: Float32Array): Iterable<Piece>;
  /** Once all rows are encoded: empty for f32. */
  readonly scales: Float32Array;
}

/** @param shape of the tensor; two-dimensional unless the precision is f32 */
export function createEncoder(
  precision: WeightPrecision,
  shape: readonly number[],
  bandBytes = 1 << 25,
): WeightEncoder {
  const [numOut = 0, numIn = 0] = shape;
  switch (precision) {
    case "f32":
      return encodeFloats();
    case "int8":
      return encodeInt8(numOut, numIn, bandBytes);
    case "int4":
      return encodeInt4(numOut, numIn);
  }
}

function encodeFloats(): WeightEncoder {
  let offset = 0;
  return {
    scales: new Float32Array(0),
    *encode(rows) {
      yield { offset, bytes: new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength) };
      offset += rows.byteLength;
    },
  };
}

/**
 * Transposes on the way, [numIn, numOut]: the outputs gather in a band, which then is one piece for each input.
 * @param bandBytes of a band
 */
function encodeInt8(numOut: number, numIn: number, bandBytes: number): WeightEncoder {
  const bandSize = Math.min(numOut, Math.max(1, Math.floor(bandBytes / numIn)));
  const band = new Uint8Array(bandSize * numIn);
  const scales = new Float32Array(numOut);
  let out = 0;
  let bandStart = 0;
  return {
    scales,
    *encode(rows) {
      for (let begin = 0; begin < rows.length; begin += numIn, out++) {
        const row = rows.subarray(begin, begin + numIn);
        scales[out] = quantizeInt8(row, band, out - bandStart, bandSize);
        const filled = out + 1 - bandStart;
        if (filled < bandSize && out + 1 < numOut) continue;
        for (let input = 0; input < numIn; input++) {
          const bytes = band.subarray(input * bandSize, input * bandSize + filled);
          yield { offset: input * numOut + bandStart, bytes };
        }
        bandStart = out + 1;
      }
    },
  };
}

/** [numOut, blocks, 16] */
function encodeInt4(numOut: number, numIn: number): WeightEncoder {
  const numBlocks = numInt4Blocks(numIn);
  const rowBytes = numBlocks * int4BlockBytes;
  const scales = new Float32Array(numOut * numBlocks);
  let out = 0;
  return {
    scales,
    *encode(rows) {
      const offset = out * rowBytes;
      const bytes = new Uint8Array((rows.length / numIn) * rowBytes);
      for (let begin = 0, to = 0; begin < rows.length; begin += numIn, to += rowBytes, out++)
        quantizeInt4(
          rows.subarray(begin, begin + numIn),
          bytes.subarray(to, to + rowBytes),
          scales.subarray(out * numBlocks, (out + 1) * numBlocks),
        );
      yield { offset, bytes };
    },
  };
}
