import { toFloat16Bits } from "@adaedl/testing";
import { describe, expect, test } from "vitest";
import { toFloat32 } from "./to-float32.ts";

const allHalves = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
const littleEndian = (words: Uint16Array): Buffer => {
  const bytes = Buffer.alloc(words.length * 2);
  words.forEach((word, index) => {
    bytes.writeUInt16LE(word, index * 2);
  });
  return bytes;
};
const scratch = new DataView(new ArrayBuffer(4));
const floatOfBits = (bits: number): number => {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
};

/** Widens a half by moving its bits: no arithmetic on floats, unlike the code under test. */
function widenHalf(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  let exponent = (bits >> 10) & 0x1f;
  let fraction = bits & 0x3ff;
  if (exponent === 0x1f) return floatOfBits((sign | 0x7f800000 | (fraction << 13)) >>> 0);
  if (exponent === 0 && fraction === 0) return floatOfBits(sign >>> 0);
  if (exponent === 0) {
    exponent = 1;
    while ((fraction & 0x400) === 0) {
      fraction <<= 1;
      exponent--;
    }
    fraction &= 0x3ff;
  }
  return floatOfBits((sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0);
}

/** Positions of values that differ, with NaN equal to NaN and 0 unequal to -0. */
function differences(actual: Float32Array, expected: (bits: number) => number): number[] {
  return [...allHalves].filter((bits) => !Object.is(actual[bits], expected(bits)));
}

describe("F16", () => {
  const floats = toFloat32(littleEndian(allHalves), "F16");

  test("all patterns widen exactly", () => {
    expect(floats).toHaveLength(0x10000);
    expect(differences(floats, widenHalf)).toEqual([]);
  });

  test("narrowing gives back every pattern that is a number", () => {
    const numbers = [...allHalves].filter((bits) => !Number.isNaN(floats[bits]));
    expect(numbers).toHaveLength(0x10000 - 2 * 1023);
    expect(numbers.filter((bits) => toFloat16Bits(floats[bits] as number) !== bits)).toEqual([]);
  });

  test("landmarks are what IEEE 754 says", () => {
    const landmarks = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x3555];
    expect(landmarks.map((bits) => floats[bits])).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0.333251953125,
    ]);
  });
});

test("BF16: all patterns are the upper half of a float32", () => {
  const floats = toFloat32(littleEndian(allHalves), "BF16");
  expect(floats).toHaveLength(0x10000);
  expect(differences(floats, (bits) => floatOfBits(bits * 0x10000))).toEqual([]);
});

test("F32: bits are copied, and the copy is one", () => {
  const patterns = [0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0x3f800001];
  const bytes = Buffer.alloc(patterns.length * 4);
  patterns.forEach((bits, index) => {
    bytes.writeUInt32LE(bits, index * 4);
  });
  const floats = toFloat32(bytes, "F32");
  bytes.fill(0xff);
  expect([...new Uint32Array(floats.buffer)]).toEqual(patterns);
});

describe.each(["F32", "F16", "BF16"] as const)("%s", (type) => {
  test.each([1, 2, 3, 5])("bytes may start %d bytes into their buffer", (offset) => {
    const bytes = Buffer.from(Array.from({ length: 64 }, (_, index) => (index * 37) % 121));
    const shifted = Buffer.concat([Buffer.alloc(offset, 0xee), bytes, Buffer.alloc(9, 0xee)]);
    const view = Buffer.from(shifted.buffer, shifted.byteOffset + offset, bytes.length);
    expect(toFloat32(view, type)).toEqual(toFloat32(bytes, type));
  });

  test("no bytes are no numbers", () => {
    expect(toFloat32(Buffer.alloc(0), type)).toEqual(new Float32Array(0));
  });
});
