import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AdaedlError } from "../errors.ts";
import {
  changesLogits,
  defaultSamplingParams,
  parseSamplingParams,
  type SamplingParams,
} from "./sampling-params.ts";

const vocabSize = 100;

function errorOf(input: Partial<SamplingParams>): AdaedlError | undefined {
  try {
    parseSamplingParams(input, vocabSize);
    return undefined;
  } catch (error) {
    if (error instanceof AdaedlError) return error;
    throw error;
  }
}

interface NumberRule {
  readonly field: Exclude<keyof SamplingParams, "logitBias">;
  readonly rule: string;
  readonly good: readonly number[];
  readonly bad: readonly number[];
}

const justAbove = (value: number) => value * (1 + 2 * Number.EPSILON);

const rules: readonly NumberRule[] = [
  {
    field: "temperature",
    rule: "must be from 0 to 100",
    good: [0, 0.001, 0.7, 100],
    bad: [-0.1, -Number.MIN_VALUE, justAbove(100), Number.POSITIVE_INFINITY],
  },
  {
    field: "topK",
    rule: "must be a whole number, -1 or more",
    good: [0, 1, 1_000_000],
    bad: [-2, -0.5, 1.5, Number.POSITIVE_INFINITY],
  },
  {
    field: "topP",
    rule: "must be above 0 and at most 1",
    good: [Number.MIN_VALUE, 0.9, 1],
    bad: [0, -0.5, justAbove(1)],
  },
  { field: "minP", rule: "must be from 0 to 1", good: [0, 0.05, 1], bad: [-0.1, justAbove(1)] },
  {
    field: "repetitionPenalty",
    rule: "must be above 0 and at most 10",
    good: [0.1, 1, 10],
    bad: [0, -1, justAbove(10)],
  },
  {
    field: "presencePenalty",
    rule: "must be from -2 to 2",
    good: [-2, 0, 2],
    bad: [justAbove(-2), justAbove(2)],
  },
  {
    field: "frequencyPenalty",
    rule: "must be from -2 to 2",
    good: [-2, 0, 2],
    bad: [justAbove(-2), justAbove(2)],
  },
];

describe.each(rules)("$field", ({ field, rule, good, bad }) => {
  test.each(good)("takes %d", (value) => {
    expect(parseSamplingParams({ [field]: value }, vocabSize)[field]).toBe(value);
  });

  test.each([...bad, Number.NaN])("refuses %d", (value) => {
    expect(errorOf({ [field]: value })).toMatchObject({
      code: "invalid_argument",
      message: `${field} ${rule}, got ${value}`,
      field,
      value,
    });
  });

  test("refuses what is not a number", () => {
    const value = "1" as unknown as number;
    expect(errorOf({ [field]: value })?.message).toBe(`${field} ${rule}, got "1"`);
  });
});

test("nothing given is neutral sampling", () => {
  expect(parseSamplingParams({}, vocabSize)).toEqual(defaultSamplingParams);
  expect(changesLogits(defaultSamplingParams)).toBe(false);
});

test("raises a temperature close to 0, and takes a top-k of -1 for all tokens", () => {
  for (const temperature of [Number.MIN_VALUE, 1e-6, 0.0009, 0.001])
    expect(parseSamplingParams({ temperature }, vocabSize).temperature).toBe(0.001);
  expect(parseSamplingParams({ topK: -1 }, vocabSize)).toEqual(defaultSamplingParams);
});

test.each([
  [-1, "logitBias token id must be a whole number below 100, got -1"],
  [100, "logitBias token id must be a whole number below 100, got 100"],
  [0.5, "logitBias token id must be a whole number below 100, got 0.5"],
])("refuses a bias on token id %d", (tokenId, message) => {
  expect(errorOf({ logitBias: new Map([[tokenId, 1]]) })?.message).toBe(message);
});

test.each([-100.1, 100.1, Number.NaN, Number.NEGATIVE_INFINITY])("refuses a bias of %d", (bias) => {
  const message = `logitBias[7] must be from -100 to 100, got ${bias}`;
  expect(errorOf({ logitBias: new Map([[7, bias]]) })?.message).toBe(message);
});

test("takes biases up to both bounds on the first and the last token", () => {
  const logitBias = new Map([
    [0, -100],
    [99, 100],
  ]);
  expect(parseSamplingParams({ logitBias }, vocabSize).logitBias).toBe(logitBias);
});

test("exactly the penalties and a bias change logits", () => {
  const changing: readonly Partial<SamplingParams>[] = [
    { repetitionPenalty: 1.1 },
    { presencePenalty: -1 },
    { frequencyPenalty: 0.1 },
    { logitBias: new Map([[0, 1]]) },
  ];
  for (const params of changing)
    expect(changesLogits({ ...defaultSamplingParams, ...params })).toBe(true);
  fc.assert(
    fc.property(fc.nat(100), fc.nat(50), (temperature, topK) => {
      expect(changesLogits({ ...defaultSamplingParams, temperature, topK })).toBe(false);
    }),
    { numRuns: 20 },
  );
});
