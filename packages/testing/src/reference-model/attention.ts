import type { ReferenceConfig } from "./reference-config.ts";
import { rotaryFactor, rotaryFrequencies, rotate } from "./rotary-embedding.ts";
import { applyLinear, at, dot, type Linear, rmsNorm, softmax } from "./vector-math.ts";

/** Weights of one attention layer. */
export interface AttentionWeights {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  /** Qwen3: [headDim] each; OLMo 2: [size of all heads] */
  readonly queryNorm: Float64Array | null;
  readonly keyNorm: Float64Array | null;
}

/**
 * Grouped-query attention over a whole sequence, every score computed afresh.
 *
 * @param rows - one normalised hidden vector per position, [numPositions][hiddenSize]
 * @param layer - which one, for what differs by layer
 * @returns [numPositions][hiddenSize]
 */
export function attend(
  rows: readonly Float64Array[],
  weights: AttentionWeights,
  config: ReferenceConfig,
  layer: number,
): Float64Array[] {
  const { headDim, numHeads, numKeyValueHeads, rmsNormEps } = config;
  const window = config.slidingWindows[layer] ?? null;
  const frequencies = rotaryFrequencies(headDim, config.ropeTheta, config.ropeScaling);
  const rotationFactor = rotaryFactor(config.ropeScaling);
  const groupSize = numHeads / numKeyValueHeads;

  const project = (linear: Linear, norm: Float64Array | null) =>
    rows.map((row, position) => {
      const projected = applyLinear(linear, row);
      const whole =
        norm !== null && config.isOlmo2 ? rmsNorm(projected, norm, rmsNormEps) : projected;
      return splitHeads(whole, headDim).map((head) => {
        const normed = norm !== null && !config.isOlmo2 ? rmsNorm(head, norm, rmsNormEps) : head;
        if (config.rotates[layer] === false) return normed;
        return rotate(normed, position, frequencies).map((value) => rotationFactor * value);
      });
    });
  // All three are [numPositions][number of their heads][headDim].
  const queries = project(weights.query, weights.queryNorm);
  const keys = project(weights.key, weights.keyNorm);
  const values = rows.map((row) => splitHeads(applyLinear(weights.value, row), headDim));

  return queries.map((heads, position) => {
    const visible = rows.flatMap((_, other) =>
      other <= position && (window === null || position - other < window) ? [other] : [],
    );
    const outputs = heads.map((query, head) => {
      const group = Math.floor(head / groupSize);
      const groupKeys = visible.map((other) => pick(keys, other, group));
      const groupValues = visible.map((other) => pick(values, other, group));
      const probs = softmax(groupKeys.map((key) => dot(query, key) * config.attentionMultiplier));
      return weightedSum(groupValues, probs, headDim);
    });
    return applyLinear(weights.output, Float64Array.from(outputs.flatMap((head) => [...head])));
  });
}

function splitHeads(vector: Float64Array, headDim: number): Float64Array[] {
  return Array.from({ length: vector.length / headDim }, (_, head) =>
    vector.subarray(head * headDim, (head + 1) * headDim),
  );
}

function weightedSum(
  vectors: readonly Float64Array[],
  weights: readonly number[],
  size: number,
): Float64Array {
  return Float64Array.from({ length: size }, (_, i) =>
    vectors.reduce((sum, vector, row) => sum + at(vector, i) * (weights[row] ?? Number.NaN), 0),
  );
}

function pick(
  table: readonly (readonly Float64Array[])[],
  position: number,
  head: number,
): Float64Array {
  const vector = table[position]?.[head];
  if (vector === undefined) throw new Error(`no head ${head} at position ${position}`);
  return vector;
}
