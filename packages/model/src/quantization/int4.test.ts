import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { numInt4Blocks, quantizeInt4 } from "./int4.ts";

function quantize(weights: readonly number[]) {
  const numBlocks = numInt4Blocks(weights.length);
  const bytes = new Uint8Array(16 * numBlocks);
  const scales = new Float32Array(numBlocks);
  quantizeInt4(Float32Array.from(weights), bytes, scales);
  const halfBytes = [...bytes].flatMap((byte) => [byte & 15, byte >> 4]);
  const values = halfBytes.map((half, index) => (half - 8) * (scales[index >> 5] as number));
  return { bytes, scales, halfBytes, values };
}

const squaredError = (values: readonly number[], weights: readonly number[]) =>
  weights.reduce((sum, weight, index) => sum + (weight - (values[index] as number)) ** 2, 0);

test("weights that are levels already come back, the even ones from the lower halves", () => {
  const levels = Array.from({ length: 32 }, (_, index) => (index % 16) - 8);
  const { bytes, halfBytes, values } = quantize(levels.map((level) => level * 0.25));
  expect(halfBytes).toEqual(levels.map((level) => level + 8));
  expect(bytes[0]).toBe(0x10);
  expect(values).toEqual(levels.map((level) => level * 0.25));
});

test("the largest weight may be positive: the scale then is negative", () => {
  const { scales, values } = quantize([8, -7, 4]);
  expect(scales[0]).toBe(-1);
  expect(values.slice(0, 3)).toEqual([8, -7, 4]);
});

test("a last block that is not full is filled up with zeros, and a block of zeros stays one", () => {
  const { bytes, scales, values } = quantize([...new Array<number>(32).fill(0), 5]);
  expect(scales[0]).toBe(0);
  expect([...bytes.subarray(0, 16)]).toEqual(new Array(16).fill(0x88));
  expect(values[32]).toBeCloseTo(5, 5);
  expect(values.slice(33).every((value) => value === 0)).toBe(true);
});

test("blocks do not see each other", () => {
  const weight = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 });
  const block = fc.array(weight, { minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(block, block, (one, other) => {
      expect(quantize([...one, ...other]).values.slice(32)).toEqual(quantize(other).values);
    }),
  );
});

test("the error is at most that of mapping the largest weight to -8, and 5 % less for random weights", () => {
  const random = createTestRandom(4);
  let [error, errorOfFixed] = [0, 0];
  for (let round = 0; round < 400; round++) {
    const weights = Array.from({ length: 32 }, () =>
      Math.fround(random.next() + random.next() + random.next() - 1.5),
    );
    const peak = weights.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    const fixed = weights.map(
      (weight) => Math.max(-8, Math.min(7, Math.round((weight / peak) * -8))) * (peak / -8),
    );
    const [searched, plain] = [quantize(weights).values, fixed].map((values) =>
      squaredError(values, weights),
    ) as [number, number];
    expect(searched).toBeLessThan(plain + 1e-6);
    error += searched;
    errorOfFixed += plain;
  }
  expect(Math.sqrt(error / errorOfFixed)).toBeLessThan(0.95);
});
