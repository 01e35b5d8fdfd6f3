import { describe, expect, test } from "vitest";
import { failureOf } from "../temporary-directory.cases.ts";
import { type RopeScaling, rotationOf } from "./rope.ts";
import { type RopeFields, resolveRope } from "./rope-settings.ts";

const file = "config.json";
const close = (values: number[]) => values.map((value) => expect.closeTo(value, 12));

// With theta 10 000 and heads of 8: 1, 0.1, 0.01 and 0.001 radians per position.
const rotation = (config: RopeFields, headDim = 8) =>
  rotationOf(resolveRope(config, file), headDim, file);
const resolve = (config: RopeFields, headDim = 8) => [
  ...rotation(config, headDim).inverseFrequencies,
];
const frequencies = (rope_scaling?: RopeScaling) => resolve({ rope_scaling });

test("without scaling each pair turns slower by the same factor", () => {
  expect(frequencies()).toEqual(close([1, 0.1, 0.01, 0.001]));
  expect(frequencies({})).toEqual(close([1, 0.1, 0.01, 0.001]));
  expect(frequencies({ rope_type: "default", factor: 1 })).toEqual(close([1, 0.1, 0.01, 0.001]));
  expect(resolve({ rope_theta: 500_000 }, 4)).toEqual(close([1, 0.001414213562373095]));
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
    const rope_scaling = { ...scaling, original_max_position_embeddings: 8192 };
    const values = resolve({ rope_theta: 500_000, rope_scaling }, 128);
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
      const rule = "must be a number above 0";
      const problem = (value: unknown) =>
        value === undefined ? `is missing: it ${rule}` : `${rule}, got ${JSON.stringify(value)}`;
      for (const value of [undefined, 0, -1, "8", null])
        expect(await failure(value)).toEqual({
          code: "invalid_argument",
          message: `config.json: rope_scaling.${name} ${problem(value)}`,
          field: `rope_scaling.${name}`,
        });
    },
  );
});

describe("yarn scaling", () => {
  const yarn = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 1000 };
  const scaleOf = (fields: object) =>
    rotation({ rope_scaling: { ...yarn, ...fields } }).rotationScale;

  // Turns in 1000 positions: 159.15 at pair 0, a tenth of it at each next one. 32 turns are at pair 0.697, 1 at 2.2018,
  // so that a third of the way from kept to divided lies between each pair and the next.
  test("fast pairs stay, slow ones are divided, those between are blended", () => {
    const third = (share: number) => 1 - share + share / 4;
    expect(frequencies(yarn)).toEqual(
      close([1, 0.1 * third(1 / 3), 0.01 * third(2 / 3), 0.001 / 4]),
    );
    // 16 turns are at pair 0.9977, 0.01 turns beyond the last.
    expect(frequencies({ ...yarn, beta_fast: 15, beta_slow: 2 })).toEqual(
      close([1, 0.1, 0.01 / 4, 0.001 / 4]),
    );
  });

  test("what is rotated grows by the logarithm of the factor, unless said otherwise", () => {
    expect(scaleOf({})).toBeCloseTo(1 + 0.1 * Math.log(4), 14);
    expect(scaleOf({ attention_factor: 1.5 })).toBe(1.5);
    expect(scaleOf({ attention_factor: 1 })).toBeUndefined();
    expect(scaleOf({ mscale: 1, mscale_all_dim: 1 })).toBeUndefined();
    expect(scaleOf({ mscale: 0.8, mscale_all_dim: 0.5 })).toBeCloseTo(
      (1 + 0.08 * Math.log(4)) / (1 + 0.05 * Math.log(4)),
      14,
    );
  });

  test.each([
    [{ factor: undefined }, "factor is missing: it must be a number above 0"],
    [{ original_max_position_embeddings: null }, "original_max_position_embeddings must be a"],
    [{ beta_fast: 0 }, "beta_fast must be a number above 0, got 0"],
    [{ mscale: "1", mscale_all_dim: 1 }, "mscale must be a number above 0"],
    [{ truncate: false }, "truncate false is not supported (supported: true)"],
    [{ low_freq_factor: 1 }, "low_freq_factor 1 is not a known field"],
  ])("%j is refused", async (fields, problem) => {
    const failed = await failureOf((async () => frequencies({ ...yarn, ...fields }))());
    expect(failed.message).toContain(`config.json: rope_scaling.${problem}`);
  });
});

test.each(["longrope", "dynamic", 7])("type %j is refused by name", async (type) => {
  expect(await failureOf((async () => frequencies({ rope_type: type, factor: 2 }))())).toEqual({
    code: "unimplemented",
    message: `config.json: rope type ${JSON.stringify(type)} is not supported (supported: default, linear, llama3, yarn)`,
    field: "rope_scaling.rope_type",
  });
});

describe("where old and new fields meet", () => {
  const linear = { rope_type: "linear", factor: 4 };
  const modern = { rope_type: "default", rope_theta: 500_000 };

  test.each<[string, RopeFields, theta: number, factor: number]>([
    ["theta at the top", { rope_theta: 1e6, rope_scaling: null }, 1e6, 1],
    ["theta in rope_parameters", { rope_parameters: modern }, 500_000, 1],
    ["the default of both", {}, 10_000, 1],
    [
      "rope_parameters before a stale top level",
      { rope_theta: 10_000, rope_parameters: modern },
      500_000,
      1,
    ],
    ["theta in rope_scaling", { rope_theta: 1, rope_scaling: { ...linear, rope_theta: 7 } }, 7, 4],
    ["type for rope_type", { rope_scaling: { type: "linear", factor: 4 } }, 10_000, 4],
    [
      "both names of the type",
      { rope_scaling: { type: "linear", rope_type: "linear", factor: 4 } },
      10_000,
      4,
    ],
    ["scaling in rope_parameters", { rope_parameters: { ...linear, rope_theta: 3 } }, 3, 4],
    [
      "an added rope_scaling before rope_parameters",
      { rope_theta: 500_000, rope_scaling: linear, rope_parameters: modern },
      500_000,
      4,
    ],
    ["an empty rope_scaling", { rope_scaling: {}, rope_parameters: modern }, 500_000, 1],
    [
      "bookkeeping",
      { rope_scaling: { ...linear, finetuned: true, partial_rotary_factor: 1, beta_fast: null } },
      10_000,
      4,
    ],
  ])("%s", (_, config, theta, factor) => {
    expect(resolve(config)).toEqual(
      close([0, 1, 2, 3].map((pair) => theta ** (-pair / 4) / factor)),
    );
  });

  test.each<[RopeFields, code: string, problem: string]>([
    [
      { rope_scaling: linear, rope_parameters: modern },
      "invalid_argument",
      "rope_scaling.rope_theta is missing: it must be given where rope_parameters.rope_theta 500000 and rope_theta 10000 differ",
    ],
    [
      { rope_scaling: { ...linear, type: "yarn" } },
      "invalid_argument",
      'rope_scaling.type contradicts rope_type "linear", got "yarn"',
    ],
    [
      { rope_parameters: { rope_theta: "big" } },
      "invalid_argument",
      'rope_parameters.rope_theta must be a number above 0, got "big"',
    ],
    [
      { rope_scaling: { rope_type: "default", factor: 7 } },
      "unimplemented",
      "rope_scaling.factor 7 is not supported (supported: 1)",
    ],
    [
      { rope_scaling: { ...linear, partial_rotary_factor: 0.5 } },
      "unimplemented",
      "rope_scaling.partial_rotary_factor 0.5 is not supported (supported: 1)",
    ],
    [
      { rope_scaling: { ...linear, low_freq_factor: 1 } },
      "unimplemented",
      "rope_scaling.low_freq_factor 1 is not a known field: remove it if the model computes the same without it",
    ],
    [
      { rope_parameters: { full_attention: modern } },
      "unimplemented",
      'rope_parameters.full_attention {"rope_type":"default","rope_theta":500000} is not supported (supported: one setting for all layers)',
    ],
  ])("%j is refused", async (config, code, problem) => {
    expect(await failureOf((async () => resolve(config))())).toMatchObject({
      code,
      message: `config.json: ${problem}`,
    });
  });
});
