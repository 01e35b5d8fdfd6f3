import { createLogisticModel, type LogisticModel } from "../../drafting/logistic-model.ts";
import type { DraftedGuess } from "../policy.ts";

/**
 * What observed acceptance teaches about guesses. The paper's bound is a shape: how much an entropy
 * says depends on the pair, the text and the temperature, and under shared noise the margin of the guess
 * says more. So the map from what the draft model knows to acceptance is learnt.
 */
export interface AcceptanceEstimate {
  /** Of a guess whose predecessors in the draft are accepted. @param features of the guess */
  ofGuess(features: ArrayLike<number>): number;
  /** Of the guess after it, not drafted yet, if it is accepted itself. */
  ofNext(features: ArrayLike<number>): number;
  /** @param features of the guesses up to the first refused one, or of all [numJudged] */
  learn(features: readonly ArrayLike<number>[], numAccepted: number): void;
  /** For a session: begins with what is known, and learns on its own. */
  fork(): AcceptanceEstimate;
}

/** A session's text may be of another kind than those before it. */
const sessionDoubt = 3;

/** Nearer to 0 than the evidence is to acceptance: a beginning, soon overruled. */
const guessPriors = [
  { mean: 0, variance: 1 },
  { mean: 1, variance: 4 },
  { mean: 0.3, variance: 4 },
  ...Array.from({ length: 4 }, () => ({ mean: 0, variance: 1 })),
];
const nextPriors = guessPriors.map((_, index) => ({ mean: index === 0 ? 0.5 : 0, variance: 0.3 }));

export function createAcceptanceEstimate(): AcceptanceEstimate {
  return estimateOf(createLogisticModel(guessPriors), createLogisticModel(nextPriors));
}

function estimateOf(guess: LogisticModel, next: LogisticModel): AcceptanceEstimate {
  return {
    ofGuess: guess.predict,
    ofNext: next.predict,
    learn(features, numAccepted) {
      features.forEach((one, index) => {
        guess.learn(one, index < numAccepted);
        const before = features[index - 1];
        if (before !== undefined) next.learn(before, index < numAccepted);
      });
    },
    fork: () => estimateOf(guess.fork(sessionDoubt), next.fork(sessionDoubt)),
  };
}

const longestMargin = 12;
const highestEntropy = 12;
const leastProb = 1e-4;

/**
 * The evidence of a guess as numbers near 1. Without a margin (the rejection rule) nothing is read off
 * the guess itself.
 * @param recentAcceptance share of the session's latest guesses that were accepted
 */
export function featuresOf(guess: DraftedGuess, recentAcceptance: number): Float64Array {
  const { entropy, topProb, margin } = guess;
  const guessProb = margin === undefined ? topProb : guess.guessProb;
  const ahead = Math.min(margin ?? 0, longestMargin);
  return Float64Array.of(
    1,
    ahead / (1 + ahead),
    Math.min(ahead, 6) / 3,
    Math.log(0.05 + Math.min(entropy, highestEntropy)),
    Math.log(Math.max(guessProb, leastProb)) / 3,
    topProb,
    recentAcceptance - usualAcceptance,
  );
}

/** Recent acceptance where nothing is known yet, and the weight of one guess in it. */
export const usualAcceptance = 0.6;
export const recentWeight = 0.1;
