import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjust, adjustForRanking, needsAllLogits } from "./adjust.ts";
import { probsOf, type TokenDistribution } from "./distribution.ts";
import { type LogitsRow, rowFromLogits } from "./logits-row.ts";
import { adjustNaively, plainForm, rowWithHead } from "./naive-adjust.cases.ts";
import { penalise } from "./penalties.ts";
import { createRandomness } from "./randomness.ts";
import { defaultSamplingParams, type SamplingParams } from "./sampling-params.ts";

const numTop = 64;

function paramsWith(changes: Partial<SamplingParams>): SamplingParams {
  return { ...defaultSamplingParams, ...changes };
}

/** All the forms in which a model may hand over the same logits. */
function rowForms(logits: Float32Array, params: SamplingParams): Record<string, LogitsRow> {
  const ownTemperature = params.temperature === 0 ? 1 : params.temperature;
  const full = rowWithHead(logits, numTop, ownTemperature);
  const { logits: _, ...headOnly } = full;
  return {
    "all logits": rowFromLogits(logits),
    "head and all logits": rowWithHead(logits, numTop),
    "head, all logits and summary": full,
    "summary of another temperature": rowWithHead(logits, numTop, ownTemperature * 1.25),
    "all logits and summary": {
      ...full,
      topIds: new Int32Array(0),
      topLogits: new Float32Array(0),
    },
    ...(needsAllLogits(params, full.topIds.length) ? {} : { "head and summary": headOnly }),
  };
}

function expectSame(actual: TokenDistribution, logits: Float32Array, params: SamplingParams): void {
  const expected = adjustNaively([...logits], params);
  const probs = plainForm(actual);
  expect([...probs.keys()].sort((a, b) => a - b)).toEqual(
    [...expected.probs.keys()].sort((a, b) => a - b),
  );
  const errors = [...expected.probs].map(([tokenId, prob]) => {
    return Math.abs((probs.get(tokenId) as number) - prob);
  });
  expect(Math.max(...errors)).toBeLessThan(1e-12);
  expect(Math.abs(actual.entropy - expected.entropy)).toBeLessThan(1e-9);
}

function expectSameInEveryForm(logits: Float32Array, params: SamplingParams): void {
  for (const [form, row] of Object.entries(rowForms(logits, params))) {
    try {
      expectSame(adjust(row, params), logits, params);
    } catch (error) {
      throw new Error(`with ${form}`, { cause: error });
    }
  }
}

const logitsCases = fc.record({
  seed: fc.integer(),
  size: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 60, max: 400 })),
  spread: fc.constantFrom(0.01, 1, 3, 6, 30),
  /** Rounded to this step, so that ties are common; 0 keeps them rare. */
  step: fc.constantFrom(0, 0, 0.5, 4),
  /** How far all but the first few tokens lie below them. */
  cliff: fc.constantFrom(0, 0, 9, 18),
});

type LogitsCase = typeof logitsCases extends fc.Arbitrary<infer Case> ? Case : never;

function logitsOf({ seed, size, spread, step, cliff }: LogitsCase): Float32Array {
  const random = createTestRandom(seed);
  return Float32Array.from({ length: size }, (_, id) => {
    const logit = random.normal() * spread - (id < 3 ? 0 : cliff);
    return step === 0 ? logit : Math.round(logit / step) * step;
  });
}

const temperature = fc.constantFrom(0, 0.1, 0.7, 1, 1.7, 20);
const topK = fc.constantFrom(1, 2, 5, 40, 64, 65, 100, 1000);
const topP = fc.oneof(
  fc.double({ min: 0.01, max: 1, noNaN: true }),
  fc.constantFrom(0.5, 0.9, 0.999999, 1e-12),
);
const minP = fc.oneof(
  fc.double({ min: 1e-9, max: 1, noNaN: true }),
  fc.constantFrom(0.05, 1e-6, 1),
);

const paramsKinds: readonly (readonly [string, fc.Arbitrary<Partial<SamplingParams>>])[] = [
  ["temperature alone", fc.record({ temperature })],
  ["top-k", fc.record({ temperature, topK })],
  ["top-p", fc.record({ temperature, topP })],
  ["min-p", fc.record({ temperature, minP })],
  ["top-k and top-p", fc.record({ temperature, topK, topP })],
  ["top-k and min-p", fc.record({ temperature, topK, minP })],
  ["top-p and min-p", fc.record({ temperature, topP, minP })],
  ["all of them", fc.record({ temperature, topK, topP, minP })],
];

describe("in every form of the row, adjust is the definition of", () => {
  test.each(paramsKinds)("%s", (_, changes) => {
    fc.assert(
      fc.property(logitsCases, changes, (input, change) => {
        const logits = logitsOf(input);
        const params = paramsWith(change);
        fc.pre(adjustNaively([...logits], params).margin > 1e-9);
        expectSameInEveryForm(logits, params);
      }),
      { numRuns: 150 },
    );
  });

  test("a topP just below what the first tokens of the top-k reach", () => {
    const temperature = fc.constantFrom(0.7, 1, 1.7);
    const topK = fc.constantFrom(0, 20, 64, 80, 100);
    fc.assert(
      fc.property(logitsCases, temperature, topK, fc.nat(5), (input, temperature, topK, index) => {
        const logits = logitsOf(input);
        const whole = adjustNaively([...logits], paramsWith({ temperature, topK }));
        const reached = [...whole.probs.values()]
          .slice(0, index + 1)
          .reduce((sum, prob) => sum + prob, 0);
        const params = paramsWith({ temperature, topK, topP: reached * 0.99 });
        fc.pre(adjustNaively([...logits], params).margin > 1e-9);
        expectSameInEveryForm(logits, params);
      }),
      { numRuns: 300 },
    );
  });
});

test("penalties come before temperature and truncation, and the head is not used then", () => {
  const random = createTestRandom(5);
  const logits = Float32Array.from({ length: 200 }, () => random.normal() * 3);
  const params = paramsWith({
    temperature: 0.8,
    topK: 10,
    repetitionPenalty: 1.8,
    frequencyPenalty: 1,
    logitBias: new Map([[199, 12]]),
  });
  const tokenIds = Array.from({ length: 300 }, () => random.integer(150));
  const history = { tokenIds, length: 250, numPromptTokens: 100 };
  const row = rowWithHead(logits, numTop, 0.8);
  expectSame(adjust(row, params, history), penalise(logits, params, history), params);
});

test("penalties without the history or without all logits are refused", () => {
  const params = paramsWith({ presencePenalty: 1 });
  const row = rowWithHead(Float32Array.of(1, 2), 2, 1);
  expect(() => adjust(row, params)).toThrow("penalties need the token history");
  const { logits: _, ...headOnly } = row;
  const history = { tokenIds: [0], length: 1, numPromptTokens: 1 };
  expect(() => adjust(headOnly, params, history)).toThrow(
    "these sampling parameters need every logit of the row",
  );
});

describe("temperature 0", () => {
  const params = paramsWith({ temperature: 0, topK: 3, topP: 0.5, minP: 0.1 });

  test("takes the lowest id of equally probable tokens, in every form of the row", () => {
    const logits = Float32Array.of(0, 7, -1, 7, 7);
    for (const row of Object.values(rowForms(logits, params)))
      expect(plainForm(adjust(row, params))).toEqual(new Map([[1, 1]]));
  });

  test("does not rely on the head being in order among equals", () => {
    const row = { topIds: Int32Array.of(9, 4, 6, 2), topLogits: Float32Array.of(7, 7, 7, 6) };
    const summary = { temperature: 1, logSumExp: 8.2, entropy: 1.2 };
    expect(adjust({ ...row, summary }, params)).toMatchObject({
      tokenIds: Int32Array.of(4),
      entropy: 1.2,
    });
  });

  test("a row of nothing is refused", () => {
    const row = { topIds: new Int32Array(0), topLogits: new Float32Array(0) };
    expect(() => adjust(row, params)).toThrow("the row has no logits at all");
  });
});

describe("for ranking", () => {
  const greedy = paramsWith({ temperature: 0, topK: 1, topP: 0.5, minP: 0.9 });
  const random = createRandomness(1);
  const key = { purpose: "token", position: 0, roundStart: 0 } as const;

  test("at temperature 0 has the candidates of a sort, in every form of the row", () => {
    fc.assert(
      fc.property(logitsCases, fc.integer({ min: 1, max: 8 }), (input, count) => {
        const logits = logitsOf(input);
        const sorted = rowWithHead(logits, count);
        const expected = {
          tokenIds: [...sorted.topIds],
          behind: [...sorted.topLogits].map((logit) => (sorted.topLogits[0] as number) - logit),
          probs: adjustNaively([...logits], paramsWith({})).probs,
        };
        for (const row of Object.values(rowForms(logits, greedy))) {
          const distribution = adjustForRanking(row, greedy);
          const candidates = random.chooseCandidates(distribution, key, count);
          expect(candidates.map(({ tokenId }) => tokenId)).toEqual(expected.tokenIds);
          expect(candidates.map(({ behind }) => behind)).toEqual(expected.behind);
          const { entropy, topProb, tokenIds } = adjust(row, greedy);
          expect(distribution).toMatchObject({ entropy, topProb });
          expect(candidates[0]?.tokenId).toBe(tokenIds?.[0]);
          const { probOf } = probsOf(distribution);
          for (const { tokenId } of candidates)
            expect(probOf(tokenId)).toBeCloseTo(expected.probs.get(tokenId) as number, 9);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("at temperature 0 ranks what penalties leave", () => {
    const params = paramsWith({ temperature: 0, logitBias: new Map([[1, -3]]) });
    const history = { tokenIds: [0], length: 1, numPromptTokens: 1 };
    const row = rowWithHead(Float32Array.of(1, 3, 2), 3, 1);
    const distribution = adjustForRanking(row, params, history);
    expect(random.chooseCandidates(distribution, key, 3)).toEqual([
      { tokenId: 2, behind: 0 },
      { tokenId: 0, behind: 1 },
      { tokenId: 1, behind: 2 },
    ]);
  });

  test("does not rely on the head being in order among equals", () => {
    const row = { topIds: Int32Array.of(9, 4, 2), topLogits: Float32Array.of(7, 7, 6) };
    const summary = { temperature: 1, logSumExp: 8.2, entropy: 1.2 };
    expect([...(adjustForRanking({ ...row, summary }, greedy).tokenIds ?? [])]).toEqual([4, 9, 2]);
  });

  test("above temperature 0 is what tokens are drawn from", () => {
    const params = paramsWith({ temperature: 0.7, topK: 3 });
    const row = rowFromLogits(Float32Array.of(3, 1, 2, 0));
    expect(adjustForRanking(row, params)).toEqual(adjust(row, params));
  });

  test("logits that are not numbers are an internal error", () => {
    for (const place of [0, 1, 2]) {
      const logits = Float32Array.of(3, 2, 1).fill(Number.NaN, place, place + 1);
      expect(() => adjustForRanking(rowFromLogits(logits), greedy)).toThrow("not numbers (NaN)");
    }
  });
});

test("an entropy that the graph rounded below 0 is 0", () => {
  const row = rowWithHead(Float32Array.of(50, 0), 2, 1);
  const summary = { temperature: 1, logSumExp: 50, entropy: -1e-7 };
  expect(adjust({ ...row, summary }, defaultSamplingParams).entropy).toBe(0);
});

describe("logits that are not numbers", () => {
  const truncations: readonly Partial<SamplingParams>[] = [
    {},
    { temperature: 0 },
    { topK: 2 },
    { topP: 0.9 },
    { minP: 0.1 },
  ];
  test.each(truncations)("are an internal error with %o", (change) => {
    for (const place of [0, 1, 2]) {
      const logits = Float32Array.of(3, 2, 1).fill(Number.NaN, place, place + 1);
      expect(() => adjust(rowFromLogits(logits), paramsWith(change))).toThrow(
        expect.objectContaining({
          code: "internal",
          message: "the model returned logits that are not numbers (NaN)",
        }),
      );
    }
  });

  test.each(truncations)("are found in the graph's entropy with %o", (change) => {
    const summary = { temperature: 1, logSumExp: Number.NaN, entropy: Number.NaN };
    const row = { ...rowWithHead(Float32Array.of(3, 2, 1), 2), summary };
    expect(() => adjust(row, paramsWith(change))).toThrow(
      "the model returned logits that are not numbers (NaN)",
    );
  });
});

test.each<[Partial<SamplingParams>, boolean]>([
  [{}, true],
  [{ temperature: 0 }, false],
  [{ temperature: 0, topP: 0.5 }, false],
  [{ topK: 64 }, false],
  [{ topK: 64, topP: 0.9, minP: 0.1 }, false],
  [{ topK: 65 }, true],
  [{ topP: 0.9 }, true],
  [{ minP: 0.1 }, true],
  [{ temperature: 0, presencePenalty: 1 }, true],
  [{ topK: 10, logitBias: new Map([[0, 1]]) }, true],
])("whether all logits are needed for %o: %s", (change, isNeeded) => {
  expect(needsAllLogits(paramsWith(change), numTop)).toBe(isNeeded);
});
