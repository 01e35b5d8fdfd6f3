import { createTestRandom } from "@adaedl/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { adjust } from "./adjust.ts";
import { entropyOf } from "./distribution.ts";
import { guessEvidence } from "./evidence.ts";
import { rowFromLogits } from "./logits-row.ts";
import { adjustNaively, rowWithHead } from "./naive-adjust.cases.ts";
import { defaultSamplingParams, type SamplingParams } from "./sampling-params.ts";

const rows = fc
  .record({
    seed: fc.integer(),
    size: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 100, max: 400 })),
    spread: fc.constantFrom(0, 0.3, 1, 3, 10),
  })
  .map(({ seed, size, spread }) => {
    const random = createTestRandom(seed);
    return Float32Array.from({ length: size }, () => random.normal() * spread);
  });
const changes = fc.record({
  temperature: fc.constantFrom(0.3, 0.7, 1, 1.8),
  topK: fc.constantFrom(0, 0, 1, 5),
  topP: fc.constantFrom(1, 1, 0.8),
  minP: fc.constantFrom(0, 0, 0.1),
});
const forms = (logits: Float32Array, temperature: number) => [
  rowFromLogits(logits),
  rowWithHead(logits, 64),
  rowWithHead(logits, 64, temperature),
];

test("is what the adjusted distribution says of the token, in whatever form the row comes", () => {
  fc.assert(
    fc.property(rows, changes, (logits, some) => {
      const params: SamplingParams = { ...defaultSamplingParams, ...some };
      const naive = adjustNaively([...logits], params);
      fc.pre(naive.margin > 1e-5); // nearer than that, rounding decides who is left
      const highest = Math.max(...naive.probs.values());
      for (const row of forms(logits, params.temperature)) {
        const distribution = adjust(row, params);
        for (const [tokenId, probability] of naive.probs) {
          const evidence = guessEvidence(distribution, tokenId, 0.25);
          expect(evidence.entropy).toBe(distribution.entropy);
          expect(evidence.topProb).toBeCloseTo(highest, 5);
          expect(evidence.guessProb).toBeCloseTo(probability, 5);
          expect(evidence.margin).toBe(0.25);
        }
      }
    }),
  );
});

test("at temperature 0 is what the model says at temperature 1", () => {
  const greedy = { ...defaultSamplingParams, temperature: 0 };
  fc.assert(
    fc.property(rows, (logits) => {
      const warm = adjustNaively([...logits], { ...greedy, temperature: 1 });
      const highest = Math.max(...warm.probs.values());
      for (const row of forms(logits, 1)) {
        const distribution = adjust(row, greedy);
        const { entropy, topProb, guessProb } = guessEvidence(
          distribution,
          distribution.tokenIds?.[0] as number,
        );
        expect(entropy).toBeCloseTo(entropyOf(logits, 1), 5);
        expect(topProb).toBeCloseTo(highest, 5);
        expect(guessProb).toBe(topProb);
      }
    }),
  );
});

test("needs no hint about where the peak is", () => {
  const logits = Float32Array.of(0, Math.log(3), 0);
  const plain = { logits, inverseTemperature: 1, entropy: 0.95 };
  const evidence = guessEvidence(plain, 2);
  expect(evidence).toMatchObject({ entropy: 0.95, margin: undefined });
  expect(evidence.topProb).toBeCloseTo(0.6, 6);
  expect(evidence.guessProb).toBeCloseTo(0.2, 6);
  const { guessProb } = guessEvidence({ ...plain, tokenIds: Int32Array.of(70, 80, 90) }, 80);
  expect(guessProb).toBeCloseTo(0.6, 6);
});

test("a token without a chance has none", () => {
  const logits = Float32Array.of(0, Number.NEGATIVE_INFINITY, 0);
  const distribution = adjust(rowFromLogits(logits), defaultSamplingParams);
  expect(guessEvidence(distribution, 1).guessProb).toBe(0);
});
