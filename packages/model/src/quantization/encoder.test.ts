import { weightPrecisions } from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEncoder } from "./encoder.ts";

/** All bytes of a tensor that is encoded some rows at a time, and its scales. */
function encode(
  precision: (typeof weightPrecisions)[number],
  shape: [number, number],
  values: Float32Array,
  rowsAtATime: readonly number[],
  bandBytes?: number,
) {
  const encoder = createEncoder(precision, shape, bandBytes);
  const [numOut, numIn] = shape;
  const bytes: number[] = [];
  let numWrittenTwice = 0;
  for (let row = 0, turn = 0; row < numOut; turn++) {
    const numRows = rowsAtATime[turn % rowsAtATime.length] as number;
    const end = Math.min(numOut, row + numRows);
    for (const piece of encoder.encode(values.subarray(row * numIn, end * numIn)))
      piece.bytes.forEach((byte, index) => {
        if (bytes[piece.offset + index] !== undefined) numWrittenTwice++;
        bytes[piece.offset + index] = byte;
      });
    row = end;
  }
  expect(numWrittenTwice).toBe(0);
  return { bytes, scales: [...encoder.scales] };
}

test("int8 is transposed: the byte of output 1 follows that of output 0", () => {
  const values = Float32Array.of(1, 2, 127, 4, 3, -127);
  expect(encode("int8", [2, 3], values, [1])).toEqual({
    bytes: [129, 132, 130, 131, 255, 1],
    scales: [1, 1],
  });
});

test.each(weightPrecisions)(
  "%s: how a tensor is cut and how long a band is does not matter",
  (precision) => {
    const random = createTestRandom(1);
    const sizes = fc.integer({ min: 1, max: 70 });
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        cuts,
        fc.integer({ min: 1, max: 2_000 }),
        (out, inputs, cut, band) => {
          const values = Float32Array.from({ length: out * inputs }, () => random.next() - 0.5);
          const whole = encode(precision, [out, inputs], values, [out]);
          expect(whole.bytes).not.toContain(undefined);
          expect(encode(precision, [out, inputs], values, cut, band)).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  },
);
