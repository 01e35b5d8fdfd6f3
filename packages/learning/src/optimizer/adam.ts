/** Numbers of a model by the names of its tensors. */
export type Tensors = ReadonlyMap<string, Float32Array>;

/** What an optimizer changes. */
export interface OptimizerState {
  readonly weights: Tensors;
  /** Running means of gradients and of their squares. */
  readonly means: Tensors;
  readonly squares: Tensors;
  /** Exponential moving average of the weights. */
  readonly averages: Tensors;
  /** Steps made. */
  numSteps: number;
}

export interface AdamSettings {
  /** Decay of the mean of gradients, and of their squares. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Longest gradient, over all tensors; a longer one is scaled down to it. */
  readonly maxGradientNorm: number;
  /** Decay of the average of the weights, once there are steps enough to forget where it began. */
  readonly averageDecay: number;
}

export const defaultAdam: AdamSettings = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  averageDecay: 0.99,
};

/** A model before its first step. @param weights changed by the steps, in place */
export function newOptimizerState(weights: Tensors): OptimizerState {
  const zeros = () =>
    new Map([...weights].map(([name, { length }]) => [name, new Float32Array(length)]));
  const averages = new Map([...weights].map(([name, values]) => [name, values.slice()]));
  return { weights, means: zeros(), squares: zeros(), averages, numSteps: 0 };
}

/**
 * One step of Adam (arXiv 1412.6980), in place: one pass over the numbers of each tensor.
 * @returns the norm of the gradient before it was clipped; where it is not a finite number, nothing was changed
 */
export function adamStep(
  state: OptimizerState,
  gradients: Tensors,
  learningRate: number,
  settings: AdamSettings = defaultAdam,
): number {
  const norm = normOf(gradients);
  if (!Number.isFinite(norm)) return norm;
  const scale = norm > settings.maxGradientNorm ? settings.maxGradientNorm / norm : 1;
  state.numSteps++;
  for (const [name, weights] of state.weights)
    updateTensor(
      weights,
      gradients.get(name) as Float32Array,
      ...([state.means, state.squares, state.averages].map((all) => all.get(name)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ]),
      { ...settings, scale, learningRate, numSteps: state.numSteps },
    );
  return norm;
}

function normOf(gradients: Tensors): number {
  let sum = 0;
  for (const values of gradients.values())
    for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}

function updateTensor(
  weights: Float32Array,
  gradient: Float32Array,
  means: Float32Array,
  squares: Float32Array,
  averages: Float32Array,
  settings: AdamSettings & { scale: number; learningRate: number; numSteps: number },
): void {
  const { beta1, beta2, epsilon, averageDecay, scale, learningRate, numSteps } = settings;
  const squareBias = Math.sqrt(1 - beta2 ** numSteps);
  const rate = (learningRate * squareBias) / (1 - beta1 ** numSteps);
  const least = epsilon * squareBias;
  const decay = Math.min(averageDecay, (1 + numSteps) / (10 + numSteps));
  for (let i = 0; i < weights.length; i++) {
    const slope = (gradient[i] as number) * scale;
    const mean = beta1 * (means[i] as number) + (1 - beta1) * slope;
    const square = beta2 * (squares[i] as number) + (1 - beta2) * slope * slope;
    const weight = (weights[i] as number) - (rate * mean) / (Math.sqrt(square) + least);
    means[i] = mean;
    squares[i] = square;
    weights[i] = weight;
    averages[i] = decay * (averages[i] as number) + (1 - decay) * weight;
  }
}
