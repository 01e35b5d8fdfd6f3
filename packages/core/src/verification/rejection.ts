import {
  candidateProbs,
  probsOf,
  type TokenDistribution,
  tokenIdAt,
} from "../sampling/distribution.ts";
import type { NoiseKey, NoisePurpose } from "../sampling/noise.ts";
import type { GuessDistribution, RoundPlace, VerificationRule } from "./rule.ts";

/** The draft samples from its most probable tokens only, so that what it sends is exact and small. */
export const maxGuessCandidates = 32;

/**
 * Leviathan et al. and Chen et al.: accept a guess with probability min(1, target / draft), on
 * refusal draw from the normalised positive part of target - draft.
 *
 * Accepts a few points more than `shared-noise`, but the draft's word about its own distribution is
 * believed: for trusted edges only. A stopping rule may look at entropies, never at the guess.
 */
export const rejection: VerificationRule = {
  name: "rejection",
  guess(draft, place, random) {
    const distribution = strongestCandidates(draft);
    const tokenId = random.chooseToken(asTokenDistribution(distribution), keyOf("draft", place));
    return { tokenId, distribution };
  },
  /** One candidate: a second draw would not be from the distribution that goes with it. */
  propose(draft, place, random) {
    const guess = rejection.guess(draft, place, random);
    return [{ ...guess, prob: probsOf(draft).probOf(guess.tokenId) }];
  },
  judge(target, guess, place, random) {
    if (guess?.distribution === undefined) {
      // Nothing to test (or nothing to test it with): the token is the target's own.
      const tokenId = random.chooseToken(target, keyOf("token", place));
      return { tokenId, isAccepted: false };
    }
    const targetProbs = candidateProbs(target);
    const draftProbs = probsById(guess.distribution);
    const targetProb = probOf(target, targetProbs, guess.tokenId);
    const draftProb = draftProbs.get(guess.tokenId) ?? 0;
    // A guess the draft gave no chance could not have been drawn from its distribution.
    const acceptance = draftProb > 0 ? Math.min(1, targetProb / draftProb) : 0;
    if (random.accept(acceptance, keyOf("acceptance", place)))
      return { tokenId: guess.tokenId, isAccepted: true };

    const residual = positiveDifference(target, targetProbs, draftProbs);
    const tokenId = random.chooseToken(residual, keyOf("residual", place));
    return { tokenId, isAccepted: false };
  },
};

/**
 * Draws are keyed by round as well: a refused round's noise at later positions has already
 * steered how long that draft became, so a second draft must not meet it again.
 */
function keyOf(purpose: NoisePurpose, place: RoundPlace): NoiseKey {
  return { purpose, position: place.position, roundStart: place.roundStart };
}

function strongestCandidates(draft: TokenDistribution): GuessDistribution {
  const probs = candidateProbs(draft);
  if (draft.isGreedy) {
    const [best] = strongest(probs, 1) as [number];
    return { tokenIds: Int32Array.of(tokenIdAt(draft, best)), weights: Float32Array.of(1) };
  }
  const kept = strongest(probs, maxGuessCandidates).filter(
    (index) => Math.fround(probs[index] as number) > 0,
  );
  return {
    tokenIds: Int32Array.from(kept, (index) => tokenIdAt(draft, index)),
    weights: Float32Array.from(kept, (index) => probs[index] as number),
  };
}

/** Indices of the `count` largest values, descending, ties to the lower index. */
function strongest(values: Float64Array, count: number): number[] {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (best.length === count && value <= least) continue;
    const place = best.findIndex((other) => (values[other] as number) < value);
    best.splice(place < 0 ? best.length : place, 0, index);
    if (best.length > count) best.pop();
    least = values[best[best.length - 1] as number] as number;
  }
  return best;
}

function asTokenDistribution(distribution: GuessDistribution): TokenDistribution {
  const logits = Float64Array.from(distribution.weights, Math.log);
  return { tokenIds: distribution.tokenIds, logits, inverseTemperature: 1, entropy: 0 };
}

function probsById(distribution: GuessDistribution): Map<number, number> {
  const sum = distribution.weights.reduce((total, weight) => total + weight, 0);
  const probs = new Map<number, number>();
  distribution.tokenIds.forEach((tokenId, index) => {
    probs.set(tokenId, (distribution.weights[index] as number) / sum);
  });
  return probs;
}

function probOf(distribution: TokenDistribution, probs: Float64Array, tokenId: number): number {
  const index = distribution.tokenIds ? distribution.tokenIds.indexOf(tokenId) : tokenId;
  return probs[index] ?? 0;
}

/** Candidates of the target weighted by max(0, target - draft); the target itself if that is 0. */
function positiveDifference(
  target: TokenDistribution,
  targetProbs: Float64Array,
  draftProbs: ReadonlyMap<number, number>,
): TokenDistribution {
  const weights = targetProbs.map((prob, index) => {
    return Math.max(0, prob - (draftProbs.get(tokenIdAt(target, index)) ?? 0));
  });
  // All zero only where rounding refused a guess although both distributions are equal.
  if (weights.every((weight) => weight === 0)) return target;
  return {
    ...target,
    logits: weights.map(Math.log),
    inverseTemperature: 1,
    head: undefined,
  };
}
