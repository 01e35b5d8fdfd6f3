import { describe, expect, test } from "vitest";
import { failureOf } from "../temporary-directory.cases.ts";
import { inverseFrequencies } from "./rope.ts";

const file = "config.json";
const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12));

// With theta 10 000 and heads of 8: 1, 0.1, 0.01 and 0.001 radians per position.
const frequencies = (scaling?: Record<string, unknown>) =>
  inverseFrequencies({ theta: 10_000, headDim: 8, scaling, file });

test("without scaling each pair turns slower by the same factor", () => {
  expect(frequencies()).toEqual(close([1, 0.1, 0.01, 0.001]));
  expect(frequencies({})).toEqual(close([1, 0.1, 0.01, 0.001]));
  expect(frequencies({ rope_type: "default", factor: 7 })).toEqual(close([1, 0.1, 0.01, 0.001]));
  expect(inverseFrequencies({ theta: 500_000, headDim: 4, file })).toEqual(
    close([1, 0.001414213562373095]),
  );
});

test("linear scaling divides all alike", () => {
  expect(frequencies({ type: "linear", factor: 2.5 })).toEqual(close([0.4, 0.04, 0.004, 0.0004]));
});

describe("llama3 scaling", () => {
  const scaling = {
    rope_type: "llama3",
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 1000,
  };

  test("fast pairs stay, slow ones are divided, those between are blended", () => {
    // Turns in 1000 positions: 159.15, 15.915, 1.59155 and 0.159. The third lies between 1 and 4:
    // smooth = (1.591549430919 - 1) / 3 = 0.197183143640, and
    // 0.01 * ((1 - smooth) / 8 + smooth) = 0.002975352507.
    expect(frequencies(scaling)).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(0.1, 12),
      expect.closeTo(0.002975352507, 12),
      expect.closeTo(0.000125, 12),
    ]);
  });

  test("the settings of Llama 3.1 at its borders", () => {
    // 8192 positions and factors 1 and 4: unchanged down to 2048 positions per turn, divided by 8
    // from 8192 on. Heads of 128 at theta 500 000, as transformers computes them.
    const values = inverseFrequencies({
      theta: 500_000,
      headDim: 128,
      scaling: { ...scaling, original_max_position_embeddings: 8192 },
      file,
    });
    const unscaled = values.map((_, pair) => 500_000 ** (-pair / 64));
    const wavelengths = unscaled.map((frequency) => (2 * Math.PI) / frequency);
    values.forEach((value, pair) => {
      const ratio = value / (unscaled[pair] as number);
      const wavelength = wavelengths[pair] as number;
      if (wavelength < 2048) expect(ratio).toBeCloseTo(1, 12);
      else if (wavelength > 8192) expect(ratio).toBeCloseTo(0.125, 12);
      else {
        expect(ratio).toBeGreaterThan(0.125);
        expect(ratio).toBeLessThan(1);
      }
    });
    expect(wavelengths.filter((length) => length >= 2048 && length <= 8192)).toHaveLength(6);
  });

  test.each(["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"])(
    "%s is needed and above 0",
    async (name) => {
      const failure = (value: unknown) =>
        failureOf((async () => frequencies({ ...scaling, [name]: value }))());
      for (const value of [undefined, 0, -1, "8", null])
        expect(await failure(value)).toEqual({
          code: "invalid_argument",
          message: `config.json: rope_scaling.${name} must be a number above 0, got ${value}`,
          field: `rope_scaling.${name}`,
        });
    },
  );
});

test.each(["yarn", "longrope", "dynamic", 7])("type %j is refused by name", async (type) => {
  expect(await failureOf((async () => frequencies({ rope_type: type, factor: 2 }))())).toEqual({
    code: "unimplemented",
    message: `config.json: rope type ${JSON.stringify(type)} is not supported (supported: default, linear, llama3)`,
    field: "rope_scaling.rope_type",
  });
});
