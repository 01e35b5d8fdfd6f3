import { fraction } from "./param-rules.ts";
import type { RoundOutcome } from "./policy.ts";

/** Constants of the update, named as in the AdaEDL paper; all from 0 to 1. */
export type ThresholdParams = {
  /** Where the threshold starts. */
  readonly lambda: number;
  /** The acceptance rate aimed at; read anew for each round. */
  readonly alpha: number;
  /** Weight of the past in the running acceptance rate. */
  readonly beta1: number;
  /** Weight of the past in the threshold. */
  readonly beta2: number;
  /** Step of the threshold before smoothing. */
  readonly eps: number;
};

/** The constants of AdaEDL (section 4.4) and of Draft & Verify's code. */
export const thresholdRules = {
  alpha: fraction(0.9),
  beta1: fraction(0.5),
  beta2: fraction(0.9),
  eps: fraction(0.01),
};

/** A threshold that rises while too many guesses are refused, and falls where drafts could be longer. */
export interface AcceptanceThreshold {
  readonly lambda: number;
  /** After a round that drafted something; a rate of nothing is undefined, and the papers are silent. */
  observe(outcome: RoundOutcome): void;
}

/**
 * Algorithm 1 of AdaEDL (arXiv 2410.18351), which is the update of Draft & Verify (arXiv 2309.08168)
 * but for what counts as saturated.
 * @param isSaturated whether the draft could not have been longer: the threshold then stays
 */
export function createAcceptanceThreshold(
  params: ThresholdParams,
  isSaturated: (outcome: RoundOutcome) => boolean,
): AcceptanceThreshold {
  const { beta1, beta2, eps } = params;
  let { lambda } = params;
  let acceptanceRate = 0; // not given in the paper; Draft & Verify, whose update it is, starts at 0
  return {
    get lambda() {
      return lambda;
    },
    observe(outcome) {
      const { numDrafted, numAccepted } = outcome;
      acceptanceRate = beta1 * acceptanceRate + (1 - beta1) * (numAccepted / numDrafted);
      const step = acceptanceRate < params.alpha ? eps : isSaturated(outcome) ? 0 : -eps;
      lambda = beta2 * lambda + (1 - beta2) * (lambda + step);
      // The paper names no limits; outside of these the threshold has no meaning left.
      lambda = Math.min(1, Math.max(0, lambda));
    },
  };
}

/** AdaEDL's saturation: as many guesses accepted as the round could hold. */
export function isAcceptedWhole({ numAccepted, maxDraftLength }: RoundOutcome): boolean {
  return numAccepted === maxDraftLength;
}
