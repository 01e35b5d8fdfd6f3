/** Probability of a yes, learnt from one case after the other. */
export interface LogisticModel {
  /** @param features [numFeatures] */
  predict(features: ArrayLike<number>): number;
  learn(features: ArrayLike<number>, isYes: boolean): void;
  /** A model that goes on from here on its own, `doubt` times less sure of its weights. */
  fork(doubt: number): LogisticModel;
}

/** A weight before anything is known. */
export interface WeightPrior {
  readonly mean: number;
  readonly variance: number;
}

/**
 * Bayesian logistic regression by the extended Kalman filter: the weights are a Gaussian, and a case
 * moves them by as much as they are uncertain, so there is no learning rate to choose. Costs
 * numFeatures² per case.
 */
export function createLogisticModel(priors: readonly WeightPrior[]): LogisticModel {
  const size = priors.length;
  const weights = Float64Array.from(priors, ({ mean }) => mean);
  const covariance = new Float64Array(size * size);
  priors.forEach(({ variance }, index) => {
    covariance[index * size + index] = variance;
  });
  return modelOf(weights, covariance);
}

/** Below this the variance of an outcome counts as so much: a sure model can still be taught. */
const leastOutcomeVariance = 1e-4;

function modelOf(weights: Float64Array, covariance: Float64Array): LogisticModel {
  const size = weights.length;
  const gain = new Float64Array(size);

  function predict(features: ArrayLike<number>): number {
    let logit = 0;
    for (let i = 0; i < size; i++) logit += (weights[i] as number) * (features[i] as number);
    return 1 / (1 + Math.exp(-logit));
  }

  return {
    predict,
    learn(features, isYes) {
      const probability = predict(features);
      let logitVariance = 0;
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let j = 0; j < size; j++)
          sum += (covariance[i * size + j] as number) * (features[j] as number);
        gain[i] = sum;
        logitVariance += sum * (features[i] as number);
      }
      const outcomeVariance = Math.max(probability * (1 - probability), leastOutcomeVariance);
      const shrinkage = 1 / (1 / outcomeVariance + logitVariance);
      const surprise = ((isYes ? 1 : 0) - probability) * (1 - logitVariance * shrinkage);
      for (let i = 0; i < size; i++) {
        const step = gain[i] as number;
        weights[i] = (weights[i] as number) + step * surprise;
        for (let j = 0; j < size; j++)
          covariance[i * size + j] =
            (covariance[i * size + j] as number) - step * (gain[j] as number) * shrinkage;
      }
    },
    fork: (doubt) =>
      modelOf(
        weights.slice(),
        covariance.map((value) => value * doubt),
      ),
  };
}
