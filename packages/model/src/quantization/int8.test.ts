import fc from "fast-check";
import { expect, test } from "vitest";
import { int8Zero, quantizeInt8 } from "./int8.ts";

function quantize(weights: number[]) {
  const bytes = new Uint8Array(weights.length);
  const scale = quantizeInt8(Float32Array.from(weights), bytes, 0, 1);
  return { scale, bytes: [...bytes] };
}

test("the largest weight of either sign is 127, and what lies between is rounded", () => {
  expect(quantize([1.27, -0.5, 0, 0.011])).toEqual({
    scale: Math.fround(Math.fround(1.27) / 127),
    bytes: [255, 78, 128, 129],
  });
  expect(quantize([-2, 1]).bytes).toEqual([1, 192]);
});

test("an output without weights has the scale 0", () => {
  expect(quantize([0, -0])).toEqual({ scale: 0, bytes: [128, 128] });
});

test("bytes go where they are wanted, and nowhere else", () => {
  const bytes = new Uint8Array(7).fill(9);
  quantizeInt8(Float32Array.of(1, -1), bytes, 1, 4);
  expect([...bytes]).toEqual([9, 255, 9, 9, 9, 1, 9]);
});

test("no weight is off by more than half a scale", () => {
  const weight = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 99), max: 2 ** 99 });
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 40 }), (weights) => {
      const { scale, bytes } = quantize(weights);
      weights.forEach((value, index) => {
        const byte = bytes[index] as number;
        expect(byte).toBeGreaterThan(0);
        const error = Math.abs((byte - int8Zero) * scale - value);
        expect(error).toBeLessThanOrEqual(0.5001 * scale + 1e-40);
      });
    }),
  );
});
