import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { penalise, type TokenHistory } from "./penalties.ts";
import { defaultSamplingParams, type SamplingParams } from "./sampling-params.ts";

/** Token by token from the definition: count, divide or multiply, subtract. */
function penaliseNaively(
  logits: readonly number[],
  params: SamplingParams,
  prompt: readonly number[],
  output: readonly number[],
): number[] {
  const count = (ids: readonly number[], id: number) => ids.filter((other) => other === id).length;
  return logits.map((logit, id) => {
    let adjusted = logit + (params.logitBias.get(id) ?? 0);
    if (prompt.includes(id) || output.includes(id)) {
      if (adjusted > 0) adjusted /= params.repetitionPenalty;
      else adjusted *= params.repetitionPenalty;
    }
    if (output.includes(id)) adjusted -= params.presencePenalty;
    return adjusted - params.frequencyPenalty * count(output, id);
  });
}

function historyOf(prompt: readonly number[], output: readonly number[]): TokenHistory {
  const tokenIds = [...prompt, ...output];
  return { tokenIds, length: tokenIds.length, numPromptTokens: prompt.length };
}

const vocabSize = 12;
const ids = fc.array(fc.nat(vocabSize - 1), { maxLength: 20 });
const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });

test("equals the definition, for any logits, history and parameters", () => {
  const params = fc.record({
    repetitionPenalty: fc.oneof(fc.constant(1), double(0.1, 10)),
    presencePenalty: double(-2, 2),
    frequencyPenalty: double(-2, 2),
    logitBias: fc
      .array(fc.tuple(fc.nat(vocabSize - 1), double(-100, 100)), { maxLength: 4 })
      .map((entries) => new Map(entries)),
  });
  fc.assert(
    fc.property(fc.integer(), params, ids, ids, (seed, changes, prompt, output) => {
      const random = createTestRandom(seed);
      const logits = Float32Array.from({ length: vocabSize }, () => random.normal() * 10);
      const all = { ...defaultSamplingParams, ...changes };
      const expected = penaliseNaively([...logits], all, prompt, output);
      penalise(logits, all, historyOf(prompt, output)).forEach((logit, id) => {
        const naive = expected[id] as number;
        // float32 holds a result to 6e-8; up to three roundings, of values up to 1 400.
        expect(Math.abs(logit - naive)).toBeLessThanOrEqual(1e-6 * (150 + Math.abs(naive)));
      });
    }),
  );
});

test("a prompt token is repeated but not generated", () => {
  const logits = Float32Array.of(4, -4, 4, -4);
  const params = {
    ...defaultSamplingParams,
    repetitionPenalty: 2,
    presencePenalty: 1,
    frequencyPenalty: 0.25,
  };
  const adjusted = penalise(logits, params, historyOf([0, 1], [2, 2]));
  expect([...adjusted]).toEqual([2, -8, 4 / 2 - 1 - 2 * 0.25, -4]);
});

test("tokens of the history beyond its length do not count", () => {
  const params = { ...defaultSamplingParams, repetitionPenalty: 2, presencePenalty: 1 };
  const history = { tokenIds: [0, 1, 2], length: 2, numPromptTokens: 1 };
  expect([...penalise(Float32Array.of(8, 8, 8), params, history)]).toEqual([4, 3, 8]);
});

test("a bias is added before penalties", () => {
  const params = { ...defaultSamplingParams, repetitionPenalty: 2, logitBias: new Map([[0, 6]]) };
  expect([...penalise(Float32Array.of(-2), params, historyOf([0], []))]).toEqual([2]);
});

test("the model's own logits are left as they were", () => {
  const logits = Float32Array.of(1, 2);
  const params = { ...defaultSamplingParams, logitBias: new Map([[1, 5]]) };
  penalise(logits, params, historyOf([], []));
  expect([...logits]).toEqual([1, 2]);
});
