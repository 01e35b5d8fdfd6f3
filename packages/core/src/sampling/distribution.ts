/**
 * A distribution over tokens in unnormalised log form: the weight of candidate `i` is
 * exp(logits[i] * inverseTemperature). This is the *adjusted* distribution of the papers: after
 * penalties, temperature, top-k, top-p and min-p.
 */
export interface TokenDistribution {
  /** Candidate ids; absent when every id of the vocabulary is one and index = id. [numCandidates] */
  readonly tokenIds?: Int32Array;
  /** [numCandidates] */
  readonly logits: Float32Array | Float64Array;
  readonly inverseTemperature: number;
  /**
   * Entropy in nats of this distribution; at temperature 0, where it would always be 0, of the
   * model's distribution at temperature 1 (docs/decisions/0003).
   */
  readonly entropy: number;
  /** Of the most probable candidate; at temperature 0 by the same convention as the entropy. */
  readonly topProb?: number;
  /** At temperature 0: how far, in nats, the most probable token is ahead of the next. */
  readonly lead?: number;
  /**
   * At temperature 0, where candidates are ranked by logit alone, equal ones by lower id: such
   * candidates come with the weights of temperature 1, a list of them in the order of their rank.
   */
  readonly isGreedy?: boolean;
  /**
   * Indices of the most probable candidates, the most probable first, where they are known (at least one): no other
   * candidate has a larger logit than any of them.
   */
  readonly head?: Int32Array | undefined;
}

/** The token id of candidate `index`. */
export function tokenIdAt(distribution: TokenDistribution, index: number): number {
  return distribution.tokenIds?.[index] ?? index;
}

/** Normalised probabilities of all candidates, in float64. [numCandidates] */
export function candidateProbs(distribution: TokenDistribution): Float64Array {
  const { logits, inverseTemperature } = distribution;
  const probs = new Float64Array(logits.length);
  const peak = maxOf(logits);
  let sum = 0;
  for (let index = 0; index < logits.length; index++) {
    const weight = Math.exp(((logits[index] as number) - peak) * inverseTemperature);
    probs[index] = weight;
    sum += weight;
  }
  for (let index = 0; index < probs.length; index++) probs[index] = (probs[index] as number) / sum;
  return probs;
}

/**
 * Probabilities of single candidates; the whole vocabulary is summed up only where the distribution
 * does not know its most probable candidate.
 */
export function probsOf(distribution: TokenDistribution): {
  /** Of the most probable candidate. */
  readonly topProb: number;
  /** Of a candidate, by token id. */
  readonly probOf: (tokenId: number) => number;
} {
  const { topProb, tokenIds, logits, inverseTemperature, head } = distribution;
  const indexOf = (tokenId: number) => tokenIds?.indexOf(tokenId) ?? tokenId;
  const likelyIndex = head?.[0];
  if (topProb === undefined || likelyIndex === undefined) {
    const probs = candidateProbs(distribution);
    return { topProb: maxOf(probs), probOf: (tokenId) => probs[indexOf(tokenId)] as number };
  }
  const probOf = (tokenId: number) => {
    const behind = (logits[likelyIndex] as number) - (logits[indexOf(tokenId)] as number);
    return topProb * Math.exp(-behind * inverseTemperature);
  };
  return { topProb, probOf };
}

/** Entropy in nats of softmax(logits * inverseTemperature). */
export function entropyOf(logits: Float32Array | Float64Array, inverseTemperature: number): number {
  return shapeOf(logits, inverseTemperature).entropy;
}

/** What a stopping rule may want to know of a distribution. */
export interface DistributionShape {
  /** In nats. */
  readonly entropy: number;
  /** Of the most probable token. */
  readonly topProb: number;
}

/** Shape of softmax(logits * inverseTemperature). */
export function shapeOf(
  logits: Float32Array | Float64Array,
  inverseTemperature: number,
): DistributionShape {
  // H = ln(sum e^d) - (sum d e^d) / (sum e^d) with d the distance to the peak: one pass, no log
  // per token, and exact zeros where e^d underflows.
  const peak = maxOf(logits);
  let sum = 0;
  let weighted = 0;
  for (const logit of logits) {
    const distance = (logit - peak) * inverseTemperature;
    const weight = Math.exp(distance);
    sum += weight;
    if (weight > 0) weighted += distance * weight;
  }
  return { entropy: Math.max(0, Math.log(sum) - weighted / sum), topProb: 1 / sum };
}

/** The largest value; NaN when any value is NaN. */
export function maxOf(values: Float32Array | Float64Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value > max) max = value;
    else if (Number.isNaN(value)) return Number.NaN;
  }
  return max;
}

/** Natural log-probabilities under softmax(logits), by token id. [vocabSize] */
export function logprobsUnder(logits: Float32Array): (tokenId: number) => number {
  const peak = maxOf(logits);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - peak);
  const logSum = Math.log(sum);
  return (tokenId) => (logits[tokenId] as number) - peak - logSum;
}
