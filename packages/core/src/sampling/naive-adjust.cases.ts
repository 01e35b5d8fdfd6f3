import { candidateProbs, type TokenDistribution, tokenIdAt } from "./distribution.ts";
import type { LogitsRow } from "./logits-row.ts";
import type { SamplingParams } from "./sampling-params.ts";

/** A distribution in the plainest form there is. */
export interface NaiveDistribution {
  /** Probability by token id, of the tokens that are left. */
  readonly probs: ReadonlyMap<number, number>;
  readonly entropy: number;
  /** How near some token came to being treated otherwise: below rounding, nothing can be said. */
  readonly margin: number;
}

/** Temperature, top-k, top-p, min-p by sorting everything and doing what their definitions say. */
export function adjustNaively(
  logits: readonly number[],
  params: SamplingParams,
): NaiveDistribution {
  const { temperature, topK, topP, minP } = params;
  const sorted = logits
    .map((logit, tokenId) => ({ tokenId, logit }))
    .sort((a, b) => b.logit - a.logit || a.tokenId - b.tokenId);
  const peak = sorted[0]?.logit as number;
  const weighed = sorted.map(({ tokenId, logit }) => {
    return { tokenId, weight: Math.exp((logit - peak) / (temperature || 1)) };
  });
  if (temperature === 0) {
    const entropy = entropyOfWeights(weighed.map(({ weight }) => weight));
    return { probs: new Map([[sorted[0]?.tokenId as number, 1]]), entropy, margin: 1 };
  }

  let kept = topK > 0 ? weighed.slice(0, topK) : weighed;
  let margin = 1;
  if (topP < 1) {
    const total = sumOf(kept.map(({ weight }) => weight));
    const masses = kept.map((_, index) => sumOf(kept.slice(0, index + 1).map((one) => one.weight)));
    const crossing = masses.findIndex((mass) => mass >= topP * total);
    margin = Math.min(...masses.map((mass) => Math.abs(mass / total - topP)));
    kept = kept.slice(0, crossing + 1);
  }
  if (minP > 0) {
    const strongEnough = kept.filter(({ weight }) => weight >= minP);
    const distances = kept.map(({ weight }) => (weight === 1 ? 1 : Math.abs(weight / minP - 1)));
    margin = Math.min(margin, ...distances);
    kept = strongEnough;
  }
  const total = sumOf(kept.map(({ weight }) => weight));
  return {
    probs: new Map(kept.map(({ tokenId, weight }) => [tokenId, weight / total])),
    entropy: entropyOfWeights(kept.map(({ weight }) => weight)),
    margin,
  };
}

/** The same form of what the code under test returned. */
export function plainForm(distribution: TokenDistribution): ReadonlyMap<number, number> {
  const probs = candidateProbs(distribution);
  return new Map([...probs].map((prob, index) => [tokenIdAt(distribution, index), prob]));
}

/** A row the way a graph returns it: the head, sums over the vocabulary, and all logits if wanted. */
export function rowWithHead(
  logits: Float32Array,
  numTop: number,
  summaryTemperature?: number,
): Required<Pick<LogitsRow, "logits">> & LogitsRow {
  const order = Array.from(logits.keys()).sort(
    (a, b) => (logits[b] as number) - (logits[a] as number) || a - b,
  );
  const topIds = Int32Array.from(order.slice(0, numTop));
  const topLogits = Float32Array.from(topIds, (id) => logits[id] as number);
  if (summaryTemperature === undefined) return { topIds, topLogits, logits };

  const peak = topLogits[0] as number;
  const weights = [...logits].map((logit) => Math.exp((logit - peak) / summaryTemperature));
  const summary = {
    temperature: summaryTemperature,
    logSumExp: Math.log(sumOf(weights)) + peak / summaryTemperature,
    entropy: entropyOfWeights(weights),
  };
  return { topIds, topLogits, logits, summary };
}

function entropyOfWeights(weights: readonly number[]): number {
  const total = sumOf(weights);
  const probs = weights.map((weight) => weight / total);
  return -sumOf(probs.map((prob) => (prob > 0 ? prob * Math.log(prob) : 0)));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
