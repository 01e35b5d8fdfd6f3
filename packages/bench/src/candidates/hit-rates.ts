import {
  candidateProbs,
  createRandomness,
  type Randomness,
  type TokenDistribution,
  tokenIdAt,
} from "@adaedl/core";

/** Of 1, 2, … candidates. [mostCandidates] */
export type HitRates = readonly number[];

/** That the target's token is among the draft's candidates for its place, by how both are drawn. */
export interface PlaceHits {
  /** The candidates with the best log-probability + noise, under the noise that the target's token is drawn with. */
  readonly sharedNoise: HitRates;
  /**
   * Candidates drawn from the draft without replacement and tried one after the other (recursive rejection,
   * MCSD: arXiv 2401.06706). The target needs the draft's whole distribution for that.
   */
  readonly recursiveRejection: HitRates;
}

export const mostCandidates = 4;

/** Both rates at one place, over the same number of draws each. */
export function hitsAt(
  target: TokenDistribution,
  draft: TokenDistribution,
  vocabSize: number,
  numDraws: number,
  position: number,
): PlaceHits {
  const key = { purpose: "token", position, roundStart: 0 } as const;
  const sharedNoise = zeros();
  const recursiveRejection = zeros();
  const [targetProbs, draftProbs] = [target, draft].map((one) => probsById(one, vocabSize));
  for (let seed = 0; seed < numDraws; seed++) {
    const random = createRandomness(seed);
    const tokenId = random.chooseToken(target, key);
    const candidates = random.chooseCandidates(draft, key, mostCandidates);
    const rank = candidates.findIndex((candidate) => candidate.tokenId === tokenId);
    const draw = (probs: Float64Array, index: number) => drawFrom(probs, random, position, index);
    const rejected = rejectedAfter(targetProbs as Float64Array, draftProbs as Float64Array, draw);
    for (let index = 0; index < mostCandidates; index++) {
      if (rank >= 0 && rank <= index) add(sharedNoise, index, 1 / numDraws);
      add(recursiveRejection, index, (1 - (rejected[index] as number)) / numDraws);
    }
  }
  return { sharedNoise, recursiveRejection };
}

/** The chance that all of the first 1, 2, … candidates are rejected, for candidates that are drawn here. */
function rejectedAfter(
  target: Float64Array,
  draft: Float64Array,
  draw: (probs: Float64Array, index: number) => number,
): number[] {
  let [left, from] = [target, draft];
  let rejected = 1;
  return zeros().map((_, index) => {
    const total = sum(from);
    if (rejected === 0 || total === 0) return rejected;
    from = from.map((weight) => weight / total);
    const drawn = draw(from, index);
    const acceptance = Math.min(1, (left[drawn] as number) / (from[drawn] as number));
    rejected *= 1 - acceptance;
    const rest = left.map((prob, tokenId) => Math.max(0, prob - (from[tokenId] as number)));
    const restTotal = sum(rest);
    left = restTotal === 0 ? left : rest.map((weight) => weight / restTotal);
    from = from.with(drawn, 0);
    return rejected;
  });
}

function drawFrom(
  probs: Float64Array,
  random: Randomness,
  position: number,
  index: number,
): number {
  const distribution = { logits: probs.map(Math.log), inverseTemperature: 1, entropy: 0 };
  return random.chooseToken(distribution, { purpose: "draft", position, roundStart: index });
}

function probsById(distribution: TokenDistribution, vocabSize: number): Float64Array {
  const probs = new Float64Array(vocabSize);
  for (const [index, prob] of candidateProbs(distribution).entries())
    probs[tokenIdAt(distribution, index)] = prob;
  return probs;
}

function zeros(): number[] {
  return Array<number>(mostCandidates).fill(0);
}

function add(rates: number[], index: number, amount: number): void {
  rates[index] = (rates[index] as number) + amount;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
