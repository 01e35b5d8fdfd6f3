import { candidateProbs, type TokenDistribution, tokenIdAt } from "../sampling/distribution.ts";

/**
 * The match probability of draft and target under shared noise: the chance that both argmaxes of log-probability + the
 * same Gumbel noise are one token. It is the exact acceptance rate of the rule `shared-noise` at one position, and has the
 * mean of the outcomes 0 and 1 at a fraction of their variance.
 *
 * Both choose j with probability m_j = 1 / sum_i max(p_i/p_j, q_i/q_j). The maximum is p_i/p_j where the ratio p_i/q_i is
 * at least j's, and q_i/q_j elsewhere. In the order of that ratio the sums are cumulative: m_j = 1 / (P_j/p_j + Q_j/q_j)
 * with P_j the target's mass from j upwards, and Q_j the draft's below j. One sort: O(V log V) instead of O(V²).
 *
 * m_j / p_j is the chance that the draft's choice is j, given that the target's is.
 *
 * @param targetProbs normalised [vocabSize]
 * @param draftProbs normalised, by the same ids [vocabSize]
 * @returns for each token the chance that both choose it; their sum is the match probability [vocabSize]
 */
export function matchProbabilities(
  targetProbs: Float64Array,
  draftProbs: Float64Array,
): Float64Array {
  const matches = new Float64Array(targetProbs.length);
  forEachByRatio(targetProbs, draftProbs, (id, targetMass, draftMass) => {
    const [p, q] = [targetProbs[id] as number, draftProbs[id] as number];
    matches[id] = 1 / (targetMass / p + draftMass / q);
  });
  return matches;
}

/**
 * The gradient of the match probability by the draft's logits, at temperature 1; at temperature t divide by t. It needs
 * no softmax term: the match probability depends on ratios of the draft's probabilities alone.
 * @returns it sums to 0 [vocabSize]
 */
export function matchProbabilityGradient(
  targetProbs: Float64Array,
  draftProbs: Float64Array,
): Float64Array {
  const matches = matchProbabilities(targetProbs, draftProbs);
  const gradient = new Float64Array(matches.length);
  let above = 0; // the sum of m_j² / q_j over larger ratios
  forEachByRatio(targetProbs, draftProbs, (id, _, draftMass) => {
    const [match, q] = [matches[id] as number, draftProbs[id] as number];
    gradient[id] = (match * match * draftMass) / q - q * above;
    above += (match * match) / q;
  });
  // Tokens that the target never chooses have the smallest ratio, 0.
  for (let id = 0; id < gradient.length; id++)
    if (targetProbs[id] === 0) gradient[id] = -(draftProbs[id] as number) * above;
  return gradient;
}

/** The match probability of two adjusted distributions, whatever candidates they have. At temperature 0 it is 0 or 1. */
export function matchProbability(target: TokenDistribution, draft: TokenDistribution): number {
  const numIds = Math.max(idsOf(target), idsOf(draft));
  const matches = matchProbabilities(probsById(target, numIds), probsById(draft, numIds));
  return matches.reduce((sum, match) => sum + match, 0);
}

/**
 * Visits the tokens that both can choose, the largest ratio of target to draft first.
 * @param visit gets the target's mass of the token and all before it, and the draft's mass of all after it
 */
function forEachByRatio(
  targetProbs: Float64Array,
  draftProbs: Float64Array,
  visit: (id: number, targetMass: number, draftMass: number) => void,
): void {
  const ratios = targetProbs.map((prob, id) => prob / (draftProbs[id] as number));
  const shared: number[] = [];
  let targetMass = 0; // of tokens that the draft never chooses: their ratio is the largest
  let lowerMass = 0; // of tokens that the target never chooses: their ratio is the smallest
  for (let id = 0; id < ratios.length; id++) {
    const [p, q] = [targetProbs[id] as number, draftProbs[id] as number];
    if (p > 0 && q > 0) shared.push(id);
    else if (p > 0) targetMass += p;
    else lowerMass += q;
  }
  // Ascending, so that the draft's masses are summed from below: differences from 1 would cancel.
  const order = Uint32Array.from(shared).sort(
    (a, b) => (ratios[a] as number) - (ratios[b] as number),
  );
  const below = new Float64Array(order.length);
  for (let rank = 0; rank < order.length; rank++) {
    below[rank] = lowerMass;
    lowerMass += draftProbs[order[rank] as number] as number;
  }
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const id = order[rank] as number;
    targetMass += targetProbs[id] as number;
    visit(id, targetMass, below[rank] as number);
  }
}

function idsOf({ tokenIds, logits }: TokenDistribution): number {
  return tokenIds === undefined
    ? logits.length
    : tokenIds.reduce((most, id) => Math.max(most, id + 1), 0);
}

function probsById(distribution: TokenDistribution, numIds: number): Float64Array {
  const probs = candidateProbs(distribution);
  const byId = new Float64Array(numIds);
  for (let index = 0; index < probs.length; index++)
    byId[tokenIdAt(distribution, index)] = probs[index] as number;
  return byId;
}
