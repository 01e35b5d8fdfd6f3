import type { StoppingPolicy } from "./policy.ts";

/** Parameters of AdaEDL, named as in the paper; lambda is the starting value of the threshold. */
export interface AdaedlParams {
  /** Share of the entropy that counts as distance between draft and target. Above 0. */
  readonly gamma: number;
  /** Starting threshold on the acceptance bound, 0 to 1. */
  readonly lambda: number;
  /** The acceptance rate aimed at, 0 to 1. */
  readonly alpha: number;
  /** Weight of the past in the running acceptance rate, 0 to 1. */
  readonly beta1: number;
  /** Weight of the past in the threshold, 0 to 1. */
  readonly beta2: number;
  /** Step of the threshold before smoothing, 0 to 1. */
  readonly eps: number;
  /** The longest draft (the paper's L). */
  readonly max: number;
}

/** The paper's constants (section 4.4); lambda and max are ours, see docs/decisions/0003. */
export const adaedlDefaults: AdaedlParams = {
  lambda: 0.7,
  gamma: 0.2,
  alpha: 0.9,
  beta1: 0.5,
  beta2: 0.9,
  eps: 0.01,
  max: 7,
};

/**
 * AdaEDL (Agrawal, Jeon, Lee, arXiv 2410.18351): the draft's entropy H bounds the chance that its
 * guess is accepted from below, by about 1 - sqrt(gamma * H). Drafting stops when that falls under
 * lambda, which follows the observed acceptance (Algorithm 1).
 *
 * The guess is appended first and tested then: it is already paid for, and no round goes out empty.
 */
export function createAdaedlPolicy(params: AdaedlParams = adaedlDefaults): StoppingPolicy {
  const { gamma, alpha, beta1, beta2, eps, max } = params;
  let lambda = params.lambda;
  let acceptanceRate = 0; // not given in the paper; Draft & Verify, whose update it is, starts at 0

  return {
    spec: `adaedl:${Object.keys(adaedlDefaults)
      .map((name) => `${name}=${params[name as keyof AdaedlParams]}`)
      .join(",")}`,
    maxDraftLength: max,
    looksAtGuess: false,
    stopsAfter: (guess) => guess.index + 1 >= max || acceptanceBound(guess.entropy, gamma) < lambda,
    observe({ numDrafted, numAccepted, maxDraftLength }) {
      acceptanceRate = beta1 * acceptanceRate + (1 - beta1) * (numAccepted / numDrafted);
      const step = acceptanceRate < alpha ? eps : numAccepted === maxDraftLength ? 0 : -eps;
      lambda = beta2 * lambda + (1 - beta2) * (lambda + step);
      // The paper names no limits; outside of these the threshold has no meaning left.
      lambda = Math.min(1, Math.max(0, lambda));
    },
  };
}

/** The paper's lower bound on the acceptance probability, 1 - sqrt(gamma * H); may be negative. */
export function acceptanceBound(entropy: number, gamma: number): number {
  return 1 - Math.sqrt(gamma * entropy);
}
