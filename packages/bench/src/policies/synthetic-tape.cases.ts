import type { ModelPlace } from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import type { Tape } from "./tape/tape.ts";

/** Of the tokens' chances, in logits: some places are easy, others hard. */
const spread = 1.5;
/** Of the second candidate to be right where the first is not, and of the third where both are not. */
const laterShares = [0.49, 0.39];
/** Of AdaEDL's bound 1 - sqrt(gamma * H). */
const gamma = 0.2;

/**
 * Texts of a pair of which nothing is known but how often it is right. Each place has a difficulty of its own;
 * the entropy that the draft model states is the one for which AdaEDL's bound is the chance of its first candidate,
 * and it states nothing else.
 * @param acceptance chance of the first candidate to be the target's token, where those before it are: of the
 *   place that is asked about, and of each after it in the same forward
 */
export function syntheticTapes(
  acceptance: readonly number[],
  { numTapes, numTokens }: { readonly numTapes: number; readonly numTokens: number },
): Tape[] {
  return Array.from({ length: numTapes }, (_, seed) => syntheticTape(acceptance, numTokens, seed));
}

function syntheticTape(acceptance: readonly number[], numTokens: number, seed: number): Tape {
  const random = createTestRandom(seed);
  const difficulties = Array.from({ length: numTokens }, () => spread * random.normal());
  const logits = acceptance.map(logitOf);
  let wrongId = numTokens;

  /** @param numMasks tokens before it that are not drafted yet */
  function placeAt(index: number, numMasks: number): ModelPlace {
    const logit = (logits[numMasks] as number) - (difficulties[index] as number);
    const chance = 1 / (1 + Math.exp(-logit));
    const shares = [chance, ...laterShares];
    const rankOfRight = shares.findIndex((share) => random.next() < share);
    const candidates = shares.map((_, rank) => ({
      ...{ tokenId: rank === rankOfRight ? index : wrongId++, prob: 1 / (2 + rank) },
    }));
    return { entropy: (1 - chance) ** 2 / gamma, topProb: 0.5, candidates, numMasks };
  }

  const places = difficulties.map((_, index) => placeAt(index, 0));
  const further = difficulties.map((_, index) =>
    acceptance
      .slice(1)
      .flatMap((_, at) => (index + at + 1 < numTokens ? placeAt(index + at + 1, at + 1) : [])),
  );
  return {
    ...{ promptTokenIds: [0], seed, temperature: 0.7, places, further },
    tokenIds: difficulties.map((_, index) => index),
    successors: difficulties.map((_, index) => [index]),
    strays: difficulties.map(() => []),
  };
}

/** Where the mean chance of all difficulties is `mean`: by halves. */
function logitOf(mean: number): number {
  const { normal } = createTestRandom(0);
  const draws = Array.from({ length: 2000 }, () => spread * normal());
  let [low, high] = [-10, 10];
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    const total = draws.reduce((sum, draw) => sum + 1 / (1 + Math.exp(draw - middle)), 0);
    if (total / draws.length < mean) low = middle;
    else high = middle;
  }
  return low;
}
