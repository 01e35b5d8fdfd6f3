import type { DecoderSpec } from "@adaedl/model";
import { layerWeightNames } from "@adaedl/model/onnx";
import type { LossName } from "./graph/training-io.ts";

/** Weights in float64, by Hugging Face's names. */
export type Weights = ReadonlyMap<string, Float64Array>;
type Matrix = readonly Float64Array[]; // [rows][size]

/**
 * A plain float64 copy of the decoder, for gradients by finite differences: it shares no code with the graph, and has no
 * backward pass that could be wrong in the same way.
 * @returns logits after each token [tokens][vocabSize]
 */
export function referenceLogits(
  spec: DecoderSpec,
  weights: Weights,
  tokenIds: readonly number[],
): Float64Array[] {
  const { hiddenSize, numLayers, numHeads, numKeyValueHeads, headDim, rmsNormEps } = spec;
  const tensor = (name: string) => weights.get(name) as Float64Array;
  const linear = (rows: Matrix, name: string) =>
    rows.map((row) => product(tensor(`${name}.weight`), row, weights.get(`${name}.bias`)));
  const norm = (rows: Matrix, name: string) =>
    rows.map((row) => rmsNorm(row, tensor(name), rmsNormEps));
  const heads = (rows: Matrix, count: number, normName: string | undefined): Matrix[] =>
    rows.map((row) =>
      Array.from({ length: count }, (_, head) => {
        const part = row.subarray(head * headDim, (head + 1) * headDim);
        return normName === undefined ? part : rmsNorm(part, tensor(normName), rmsNormEps);
      }),
    );
  const embedding = tensor("model.embed_tokens.weight");
  let hidden: Matrix = tokenIds.map((id) =>
    embedding.slice(id * hiddenSize, (id + 1) * hiddenSize),
  );

  for (let layer = 0; layer < numLayers; layer++) {
    const names = layerWeightNames(layer);
    const normed = norm(hidden, names.attentionNorm);
    const turn = (all: Matrix[]) =>
      all.map((row, position) =>
        row.map((head) => rotate(head, position, spec.inverseFrequencies)),
      );
    const qkNorm = (name: string) => (spec.qkNorm !== undefined ? name : undefined);
    const queries = turn(heads(linear(normed, names.query), numHeads, qkNorm(names.queryNorm)));
    const keys = turn(heads(linear(normed, names.key), numKeyValueHeads, qkNorm(names.keyNorm)));
    const values = heads(linear(normed, names.value), numKeyValueHeads, undefined);
    const attended = queries.map((ofToken, position) => {
      const joined = new Float64Array(numHeads * headDim);
      ofToken.forEach((query, head) => {
        const group = Math.floor(head / (numHeads / numKeyValueHeads));
        const first = Math.max(0, position + 1 - (spec.slidingWindow ?? position + 1));
        const scores = Array.from({ length: position + 1 - first }, (_, at) =>
          Math.exp(dot(query, keys[first + at]?.[group] as Float64Array) / Math.sqrt(headDim)),
        );
        const sum = scores.reduce((a, b) => a + b, 0);
        scores.forEach((score, at) => {
          const value = values[first + at]?.[group] as Float64Array;
          value.forEach((number, i) => {
            const place = head * headDim + i;
            joined[place] = (joined[place] as number) + (score / sum) * number;
          });
        });
      });
      return joined;
    });
    const middle = sum(hidden, linear(attended, names.output));
    const input = norm(middle, names.mlpNorm);
    const up = linear(input, names.up);
    const gated = linear(input, names.gate).map((row, position) =>
      row.map((value, i) => (value / (1 + Math.exp(-value))) * (up[position]?.[i] as number)),
    );
    hidden = sum(middle, linear(gated, names.down));
  }
  const head = weights.get("lm_head.weight") ?? embedding;
  return norm(hidden, "model.norm.weight").map((row) => product(head, row, undefined));
}

/** What the target says about one judged position. */
export interface ReferenceTarget {
  /** [vocabSize] */
  readonly logits: Float64Array;
  /** Its most probable tokens. */
  readonly topIds: readonly number[];
  /** Of the draft before training. [vocabSize] */
  readonly frozenLogits: Float64Array;
}

/** The loss at one position, by its definition. */
export function referenceLoss(
  name: LossName,
  target: ReferenceTarget,
  logits: Float64Array,
): number {
  const probs = softmax(logits);
  let wanted = softmax(target.logits);
  if (name === "kl")
    return wanted.reduce((total, p, i) => total + p * Math.log(p / (probs[i] as number)), 0);
  if (name === "tv-top16") {
    const isTop = wanted.map((_, id) => Number(target.topIds.includes(id)));
    const frozen = softmax(target.frozenLogits);
    const rest = 1 - dot(wanted, isTop);
    const frozenRest = 1 - dot(frozen, isTop);
    wanted = wanted.map((p, id) =>
      isTop[id] === 1 ? p : ((frozen[id] as number) * rest) / frozenRest,
    );
  }
  return probs.reduce((total, q, i) => total + Math.max(0, q - (wanted[i] as number)), 0);
}

function softmax(logits: Float64Array): Float64Array {
  const peak = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - peak));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}

function product(
  weight: Float64Array,
  input: Float64Array,
  bias: Float64Array | undefined,
): Float64Array {
  const size = input.length;
  return Float64Array.from({ length: weight.length / size }, (_, row) => {
    let total = bias?.[row] ?? 0;
    for (let i = 0; i < size; i++)
      total += (weight[row * size + i] as number) * (input[i] as number);
    return total;
  });
}

function rmsNorm(row: Float64Array, weight: Float64Array, eps: number): Float64Array {
  const rms = Math.sqrt(dot(row, row) / row.length + eps);
  return row.map((value, i) => (value / rms) * (weight[i] as number));
}

function rotate(
  head: Float64Array,
  position: number,
  frequencies: readonly number[],
): Float64Array {
  const half = frequencies.length;
  return head.map((value, i) => {
    const angle = position * (frequencies[i % half] as number);
    const other = i < half ? -(head[i + half] as number) : (head[i - half] as number);
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
}

function sum(a: Matrix, b: Matrix): Matrix {
  return a.map((row, at) => row.map((value, i) => value + (b[at]?.[i] as number)));
}
