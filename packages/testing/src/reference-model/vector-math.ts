/** A projection. `weight` is [numOutputs, numInputs], `bias` [numOutputs]. */
export interface Linear {
  readonly weight: Float64Array;
  readonly bias: Float64Array | null;
}

/** Applies a projection to one vector. [numInputs] -> [numOutputs] */
export function applyLinear({ weight, bias }: Linear, input: Float64Array): Float64Array {
  const numInputs = input.length;
  const outputs = new Float64Array(weight.length / numInputs);
  for (let row = 0; row < outputs.length; row++) {
    let sum = bias === null ? 0 : at(bias, row);
    for (let i = 0; i < numInputs; i++) sum += at(weight, row * numInputs + i) * at(input, i);
    outputs[row] = sum;
  }
  return outputs;
}

/** Divides a vector by its root mean square and scales each entry. [size] -> [size] */
export function rmsNorm(input: Float64Array, weight: Float64Array, eps: number): Float64Array {
  const rootMeanSquare = Math.sqrt(dot(input, input) / input.length + eps);
  return input.map((value, i) => (value / rootMeanSquare) * at(weight, i));
}

/** Turns scores into probabilities. [size] -> [size] */
export function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/** The activation x / (1 + e^-x). */
export function silu(value: number): number {
  return value / (1 + Math.exp(-value));
}

/** Sum of two vectors of the same length. */
export function addVectors(first: Float64Array, second: Float64Array): Float64Array {
  return first.map((value, i) => value + at(second, i));
}

/** Sum of the products of two vectors of the same length. */
export function dot(first: Float64Array, second: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < first.length; i++) sum += at(first, i) * at(second, i);
  return sum;
}

/** The entry at an index, NaN outside: a wrong index then shows in the result. */
export function at(vector: Float64Array, index: number): number {
  return vector[index] ?? Number.NaN;
}
