import {
  createAcceptanceThreshold,
  isAcceptedWhole,
  type ThresholdParams,
  thresholdRules,
} from "./acceptance-threshold.ts";
import { createLearntBound, type LearntBound } from "./learnt-bound.ts";
import { draftLength, fraction, gammaOf, oneOf, orAuto } from "./param-rules.ts";
import type { DraftedGuess } from "./policy.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

/** Parameters of AdaEDL, named as in the paper; lambda is the starting value of the threshold. */
export type AdaedlParams = ThresholdParams & {
  /** Share of the entropy that counts as distance between draft and target. Above 0. */
  readonly gamma: number | "auto";
  /** The longest draft (the paper's L). */
  readonly max: number;
  /** Whether a doubtful guess is the last of its draft, or left out of it. */
  readonly test: "after" | "before";
};

/**
 * AdaEDL (Agrawal, Jeon, Lee, arXiv 2410.18351): the draft's entropy H bounds the chance that its
 * guess is accepted from below, by about 1 - sqrt(gamma * H). Drafting stops when that falls under
 * lambda, which follows the observed acceptance (Algorithm 1). The constants are the paper's (section
 * 4.4); lambda and max are ours, see docs/decisions/0003.
 *
 * The paper can be read both ways about where the test stands. `test=after`: the guess is appended
 * first and tested then, as it is already paid for, and no round goes out empty. `test=before`: a
 * guess whose bound is too low is withheld. The bound depends on the entropy alone, never on which
 * token was drawn, so that both are exact under either verification rule.
 *
 * `gamma=auto` (ours; the paper leaves it to future work) fits gamma to the acceptance that is
 * observed, and aims at the pair's own acceptance rate: lambda starts there and alpha follows it,
 * whatever is given for them. A guess of which the fitted bound says less than that is doubtful.
 */
export const adaedl: PolicyDefinition<AdaedlParams> = {
  name: "adaedl",
  form: "adaedl[:lambda=0.7,gamma=0.2,…]",
  params: {
    lambda: fraction(0.7),
    gamma: orAuto(gammaOf(0.2)),
    ...thresholdRules,
    max: draftLength(7),
    test: oneOf("after", "before"),
  },
  create(params, spec, context) {
    const { max, test } = params;
    const learnt = params.gamma === "auto" ? createLearntBound(context) : undefined;
    const fixedGamma = params.gamma === "auto" ? undefined : params.gamma;
    const threshold = createAcceptanceThreshold(
      learnt === undefined ? params : aimingAt(learnt, params),
      isAcceptedWhole,
    );
    /** Of this round's guesses. */
    let entropies: number[] = [];
    const gammaNow = () => fixedGamma ?? learnt?.gamma ?? 0;
    const isLast = (guess: DraftedGuess) => guess.index + 1 >= max;
    function isDoubtful({ index, entropy }: DraftedGuess): boolean {
      if (index === 0) entropies = [];
      entropies[index] = entropy;
      return acceptanceBound(entropy, gammaNow()) < threshold.lambda;
    }
    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: false,
      get lambda() {
        return threshold.lambda;
      },
      ...(test === "before"
        ? { withholds: isDoubtful, stopsAfter: isLast }
        : { stopsAfter: (guess) => isDoubtful(guess) || isLast(guess) }),
      observe(outcome) {
        threshold.observe(outcome);
        // Without the one that was withheld, which nobody judged.
        learnt?.observe(outcome, entropies.slice(0, outcome.numDrafted));
      },
    };
  },
};

function aimingAt(learnt: LearntBound, params: AdaedlParams): ThresholdParams {
  return {
    ...params,
    lambda: learnt.acceptanceRate,
    get alpha() {
      return learnt.acceptanceRate;
    },
  };
}

/** The paper's lower bound on the acceptance probability, 1 - sqrt(gamma * H); may be negative. */
export function acceptanceBound(entropy: number, gamma: number): number {
  return 1 - Math.sqrt(gamma * entropy);
}
