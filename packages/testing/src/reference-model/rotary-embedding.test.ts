import { expect, test } from "vitest";
import { type RopeScaling, rotaryFrequencies, rotate } from "./rotary-embedding.ts";
import { dot } from "./vector-math.ts";

test("frequencies are powers of theta, divided by a linear factor", () => {
  expect(rotaryFrequencies(4, 10000, null)).toEqual([1, 0.01]);
  expect(rotaryFrequencies(4, 10000, { rope_type: "default" })).toEqual([1, 0.01]);
  expect(rotaryFrequencies(4, 10000, { type: "linear", factor: 4 })).toEqual([0.25, 0.0025]);
});

test("llama3 keeps fast frequencies, divides slow ones and blends those between", () => {
  const scaling: RopeScaling = {
    rope_type: "llama3",
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };
  const plain = rotaryFrequencies(128, 500000, null);
  const scaled = rotaryFrequencies(128, 500000, scaling);
  // The published Llama 3.1 values: wavelengths below 2048 stay, those above 8192 grow 8 times.
  plain.forEach((frequency, i) => {
    const ratio = (scaled[i] ?? Number.NaN) / frequency;
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < 2048) expect(ratio).toBe(1);
    else if (wavelength > 8192) expect(ratio).toBe(1 / 8);
    else {
      const share = (8192 / wavelength - 1) / 3;
      expect(ratio).toBeCloseTo(1 / 8 + (7 / 8) * share, 12);
    }
  });
  expect(scaled.filter((value, i) => value === plain[i])).toHaveLength(29);
});

test("the first half is paired with the second and turned by the position", () => {
  const turned = rotate(Float64Array.of(1, 0, 0, 1), 2, [0.25, 0.5]);
  expect(turned[0]).toBeCloseTo(Math.cos(0.5), 14);
  expect(turned[2]).toBeCloseTo(Math.sin(0.5), 14);
  expect(turned[1]).toBeCloseTo(-Math.sin(1), 14);
  expect(turned[3]).toBeCloseTo(Math.cos(1), 14);
});

test("a score depends on the distance of two positions only", () => {
  const frequencies = rotaryFrequencies(6, 100, null);
  const query = Float64Array.of(1, -2, 3, 0.5, 0.25, 4);
  const key = Float64Array.of(2, 1, -1, 1.5, -3, 0.125);
  const score = (queryPosition: number, keyPosition: number) =>
    dot(rotate(query, queryPosition, frequencies), rotate(key, keyPosition, frequencies));
  expect(score(105, 102)).toBeCloseTo(score(3, 0), 11);
  expect(score(105, 101)).not.toBeCloseTo(score(3, 0), 3);
});

test("other scalings and missing fields are refused", () => {
  expect(() => rotaryFrequencies(4, 10000, { rope_type: "longrope" })).toThrow(
    new Error("the reference has no longrope rope scaling"),
  );
  expect(() => rotaryFrequencies(4, 10000, { rope_type: "linear" })).toThrow(
    new Error("rope_scaling has no factor"),
  );
});
