import type { RoundOutcome } from "./policy.ts";
import type { PolicyContext } from "./policy-context.ts";

/** AdaEDL's bound with the gamma that observed acceptance speaks for. */
export interface LearntBound {
  readonly gamma: number;
  /** Share of judged guesses that were accepted: the pair's own rate. */
  readonly acceptanceRate: number;
  /** @param entropies of the round's guesses, from the first [numDrafted] */
  observe(outcome: RoundOutcome, entropies: readonly number[]): void;
}

/** The past fades with a half-life of some 350 guesses. */
const forgetting = 0.998;
/** Guesses that the paper's gamma, and an ordinary acceptance rate, count for in the beginning. */
const imagined = { numGuesses: 10, gamma: 0.2, acceptanceRate: 0.6 };

/**
 * Fits 1 - sqrt(gamma * H) to what was accepted: least squares of refusals on sqrt(H), through the
 * origin, over the guesses up to the first refused one. Sessions of one kind learn together.
 */
export function createLearntBound({
  memory,
  verification = "shared-noise",
  temperature = 1,
}: PolicyContext): LearntBound {
  const create = () => ({
    refusedRoots: imagined.numGuesses * Math.sqrt(imagined.gamma),
    squaredRoots: imagined.numGuesses,
    numAccepted: imagined.numGuesses * imagined.acceptanceRate,
    numGuesses: imagined.numGuesses,
  });
  const key = `learnt bound ${verification} ${temperature.toFixed(1)}`;
  const sums = memory?.recall(key, create) ?? create();

  function learn(root: number, isAccepted: boolean): void {
    sums.refusedRoots = forgetting * sums.refusedRoots + (isAccepted ? 0 : root);
    sums.squaredRoots = forgetting * sums.squaredRoots + root ** 2;
    sums.numAccepted = forgetting * sums.numAccepted + (isAccepted ? 1 : 0);
    sums.numGuesses = forgetting * sums.numGuesses + 1;
  }

  return {
    get gamma() {
      return (sums.refusedRoots / sums.squaredRoots) ** 2;
    },
    get acceptanceRate() {
      return sums.numAccepted / sums.numGuesses;
    },
    observe({ numAccepted }, entropies) {
      entropies.slice(0, numAccepted + 1).forEach((entropy, index) => {
        learn(Math.sqrt(Math.min(entropy, highestEntropy)), index < numAccepted);
      });
    },
  };
}

/** Of a uniform choice among all tokens there are anywhere: beyond it, an entropy is a mistake. */
const highestEntropy = 20;
