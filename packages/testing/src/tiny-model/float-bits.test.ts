import { expect, test } from "vitest";
import { toBfloat16Bits, toFloat16Bits } from "./float-bits.ts";

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [65519, 0x7bff],
  [65520, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [Number.NaN, 0x7e00],
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -24, 0x03ff],
  [2 ** -14 - 2 ** -25, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * 1.5, 0x0001],
  [3 * 2 ** -25, 0x0002],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [2 - 2 ** -12, 0x4000],
])("%d as float16 is %i", (value, bits) => {
  expect(toFloat16Bits(value)).toBe(bits);
});

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3f80],
  [-2, 0xc000],
  [Math.PI, 0x4049],
  [1 / 3, 0x3eab],
  [1 + 2 ** -8, 0x3f80],
  [1 + 3 * 2 ** -8, 0x3f82],
  [1 + 2 ** -8 + 2 ** -20, 0x3f81],
  [3.4e38, 0x7f80],
  [Number.POSITIVE_INFINITY, 0x7f80],
  [Number.NaN, 0x7fc0],
  [2 ** -133, 0x0001],
])("%d as bfloat16 is %i", (value, bits) => {
  expect(toBfloat16Bits(value)).toBe(bits);
});
