import {
  createAcceptanceThreshold,
  type ThresholdParams,
  thresholdRules,
} from "./acceptance-threshold.ts";
import { draftLength, fraction } from "./param-rules.ts";
import type { RoundOutcome } from "./policy.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type DraftVerifyParams = Omit<ThresholdParams, "lambda"> & {
  /** Where the threshold starts. */
  readonly th: number;
  /** The longest draft. */
  readonly max: number;
};

/**
 * Draft & Verify (Zhang et al., arXiv 2309.08168; defaults and update of the released decoding.py):
 * after a guess that the draft gave less than a threshold, drafting stops; the guess is sent. The
 * threshold moves after every round, but stays where the draft was as long as it could be and enough
 * is accepted.
 *
 * Theirs starts at 0.5 for sampling, which is our default, and at 0.8 for greedy decoding. Theirs
 * reads the probability at temperature 1; ours is that of the adjusted distribution. We keep the
 * threshold within 0 and 1. Their optional random stop, which shares its number with the acceptance,
 * is left out: it biases the text.
 */
export const draftVerify: PolicyDefinition<DraftVerifyParams> = {
  name: "draft-verify",
  form: "draft-verify[:th=0.5,…]",
  params: { th: fraction(0.5), ...thresholdRules, max: draftLength(8) },
  create(params, spec) {
    const { th, max } = params;
    const threshold = createAcceptanceThreshold({ ...params, lambda: th }, isDraftedWhole);
    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: true,
      stopsAfter: ({ index, guessProb }) => index + 1 >= max || guessProb < threshold.lambda,
      observe: threshold.observe,
    };
  },
};

function isDraftedWhole({ numDrafted, maxDraftLength }: RoundOutcome): boolean {
  return numDrafted === maxDraftLength;
}
