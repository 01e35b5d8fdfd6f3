import fc from "fast-check";
import { expect, test } from "vitest";
import { rowFromLogits } from "./logits-row.ts";
import { rowWithHead } from "./naive-adjust.cases.ts";
import { defaultSamplingParams, type SamplingParams } from "./sampling-params.ts";
import { truncate } from "./truncate.ts";

/** Logits whose softmax at temperature 1 is `probs`. */
function logitsFor(...probs: readonly number[]): Float32Array {
  return Float32Array.from(probs, Math.log);
}

function keptOf(logits: Float32Array, change: Partial<SamplingParams>): number[] {
  const params = { ...defaultSamplingParams, ...change };
  const kept = truncate(rowFromLogits(logits), params, 1 / params.temperature).tokenIds;
  return [...(kept as Int32Array)];
}

test("the token that crosses topP is kept, the next one is not", () => {
  const logits = logitsFor(0.1, 0.5, 0.15, 0.25);
  expect(keptOf(logits, { topP: 0.49 })).toEqual([1]);
  expect(keptOf(logits, { topP: 0.51 })).toEqual([1, 3]);
  expect(keptOf(logits, { topP: 0.74 })).toEqual([1, 3]);
  expect(keptOf(logits, { topP: 0.76 })).toEqual([1, 3, 2]);
  expect(keptOf(logits, { topP: 0.91 })).toEqual([1, 3, 2, 0]);
});

test("reaching topP exactly is crossing it", () => {
  expect(keptOf(Float32Array.of(0, 0, 0, 0), { topP: 0.5 })).toEqual([0, 1]);
});

test("topP counts probabilities after top-k", () => {
  // Of the two kept ones the first has 0.4 / 0.7 > 0.5; of all three it has less.
  const logits = logitsFor(0.4, 0.3, 0.3);
  expect(keptOf(logits, { topP: 0.5 })).toEqual([0, 1]);
  expect(keptOf(logits, { topP: 0.5, topK: 2 })).toEqual([0]);
});

test("topP counts probabilities after a top-k that reaches beyond the tokens near the peak", () => {
  // 200 tokens 8.5 nats down: 4 % of everything, 1 % of the top 50.
  const logits = new Float32Array(202).fill(-8.5);
  logits[0] = 0;
  logits[1] = -2.2;
  expect(keptOf(logits, { topK: 50, topP: 0.88 })).toEqual([0]);
});

test("min-p is relative to the most probable token", () => {
  const logits = logitsFor(0.1, 0.5, 0.15, 0.25);
  expect(keptOf(logits, { minP: 0.19 })).toEqual([1, 3, 2, 0]);
  expect(keptOf(logits, { minP: 0.21 })).toEqual([1, 3, 2]);
  expect(keptOf(logits, { minP: 0.49 })).toEqual([1, 3]);
  expect(keptOf(logits, { minP: 1 })).toEqual([1]);
});

test("what is kept is in the order of the logits, then of the ids, whatever the logits are", () => {
  const logit = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, -1, -Infinity));
  fc.assert(
    fc.property(fc.array(logit, { minLength: 1, maxLength: 40 }), (list) => {
      const logits = Float32Array.of(...list, 1e38); // a peak that is finite
      const inOrder = [...logits.keys()].sort((a, b) =>
        logits[a] === logits[b] ? a - b : Number(logits[b]) - Number(logits[a]),
      );
      const kept = keptOf(logits, { topK: 5 });
      expect(kept).toEqual(inOrder.slice(0, kept.length));
    }),
  );
});

test("the highest token ids are told apart", () => {
  const logits = new Float32Array(2 ** 22).fill(-50);
  for (const id of [2 ** 22 - 1, 2 ** 21, 2 ** 21 - 1]) logits[id] = 3;
  expect(keptOf(logits, { topP: 0.9 })).toEqual([2 ** 21 - 1, 2 ** 21, 2 ** 22 - 1]);
});

test("among equal logits the lower ids are kept", () => {
  const logits = Float32Array.of(1, 2, 1, 2, 2);
  expect(keptOf(logits, { topK: 2 })).toEqual([1, 3]);
  expect(keptOf(logits, { topK: 4 })).toEqual([1, 3, 4, 0]);
});

test("tokens no longer possible stay impossible, and do no harm", () => {
  const out = Number.NEGATIVE_INFINITY;
  const logits = Float32Array.of(out, 0, out, 1);
  expect(keptOf(logits, { topK: 2 })).toEqual([3, 1]);
  expect(keptOf(logits, { topP: 0.99 })).toEqual([3, 1]);
  expect(keptOf(logits, { minP: 0.01 })).toEqual([3, 1]);
  expect(truncate(rowFromLogits(logits), { ...defaultSamplingParams, topK: 4 }, 1).entropy).toBe(
    truncate(rowFromLogits(logits), { ...defaultSamplingParams, topK: 2 }, 1).entropy,
  );
});

test("a head that cannot tell what survives is refused when there is nothing else", () => {
  const { logits: _, ...headOnly } = rowWithHead(Float32Array.of(3, 2.9, 2.8, 2.7), 2, 1);
  const message = "these sampling parameters need every logit of the row";
  for (const change of [{ topK: 3 }, { topP: 0.9 }, { minP: 0.1 }])
    expect(() => truncate(headOnly, { ...defaultSamplingParams, ...change }, 1)).toThrow(message);
});

test("a head without a summary cannot tell the nucleus, whatever min-p leaves of it", () => {
  const { logits: _, ...headOnly } = rowWithHead(Float32Array.of(3, 2.9, 2.8, 2.7), 2);
  for (const change of [{ topP: 0.9 }, { topP: 0.9, minP: 0.95 }])
    expect(() => truncate(headOnly, { ...defaultSamplingParams, ...change }, 1)).toThrow(
      "these sampling parameters need every logit of the row",
    );
});
