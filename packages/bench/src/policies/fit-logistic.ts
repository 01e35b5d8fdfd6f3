/** Keeps the fit finite where features are alike or the answer is always the same. */
const ridge = 1e-3;
const maxSteps = 30;
const tolerance = 1e-8;

/** Probability of a yes. */
export function logisticOf(weights: ArrayLike<number>, features: ArrayLike<number>): number {
  let logit = 0;
  for (let i = 0; i < weights.length; i++)
    logit += (weights[i] as number) * (features[i] as number);
  return 1 / (1 + Math.exp(-logit));
}

/**
 * Logistic regression by Newton's method: the weights under which the answers are most likely.
 * @param features of each case, all of one length
 */
export function fitLogistic(
  features: readonly ArrayLike<number>[],
  answers: readonly boolean[],
): Float64Array {
  const size = features[0]?.length ?? 0;
  const weights = new Float64Array(size);
  for (let step = 0; step < maxSteps; step++) {
    const gradient = Float64Array.from(weights, (weight) => -ridge * weight);
    const curvature = Array.from({ length: size }, (_, i) => {
      const row = new Float64Array(size);
      row[i] = ridge;
      return row;
    });
    features.forEach((one, index) => {
      const probability = logisticOf(weights, one);
      const error = (answers[index] ? 1 : 0) - probability;
      const weight = probability * (1 - probability);
      for (let i = 0; i < size; i++) {
        const value = one[i] as number;
        gradient[i] = (gradient[i] as number) + error * value;
        const row = curvature[i] as Float64Array;
        for (let j = 0; j < size; j++)
          row[j] = (row[j] as number) + weight * value * (one[j] as number);
      }
    });
    const change = solve(curvature, gradient);
    change.forEach((value, i) => {
      weights[i] = (weights[i] as number) + value;
    });
    if (Math.max(...change.map(Math.abs)) < tolerance) break;
  }
  return weights;
}

/** Solves matrix * x = right for a positive definite matrix, by elimination; both are used up. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const at = (i: number, j: number) => (matrix[i] as Float64Array)[j] as number;
  for (let column = 0; column < size; column++)
    for (let i = column + 1; i < size; i++) {
      const factor = at(i, column) / at(column, column);
      const row = matrix[i] as Float64Array;
      for (let j = column; j < size; j++) row[j] = at(i, j) - factor * at(column, j);
      right[i] = (right[i] as number) - factor * (right[column] as number);
    }
  for (let i = size - 1; i >= 0; i--) {
    let rest = right[i] as number;
    for (let j = i + 1; j < size; j++) rest -= at(i, j) * (right[j] as number);
    right[i] = rest / at(i, i);
  }
  return right;
}
