import {
  createAcceptanceThreshold,
  isAcceptedWhole,
  type ThresholdParams,
  thresholdRules,
} from "./acceptance-threshold.ts";
import { draftLength, fraction } from "./param-rules.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type MaxConfidenceParams = ThresholdParams & {
  /** The longest draft. */
  readonly max: number;
};

/**
 * Max-Confidence, the baseline of the AdaEDL paper (arXiv 2410.18351, section 2): drafting stops
 * when the most probable token's probability falls under lambda, which moves by AdaEDL's Algorithm 1.
 *
 * The paper sweeps the starting lambda; as with `adaedl`, ours is 0.7 and the longest draft 7. It
 * looks at the largest probability, not at that of the token drawn, so it is exact under either rule.
 */
export const maxConfidence: PolicyDefinition<MaxConfidenceParams> = {
  name: "max-confidence",
  form: "max-confidence[:lambda=0.7,…]",
  params: { lambda: fraction(0.7), ...thresholdRules, max: draftLength(7) },
  create(params, spec) {
    const { max } = params;
    const threshold = createAcceptanceThreshold(params, isAcceptedWhole);
    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: false,
      stopsAfter: ({ index, topProb }) => index + 1 >= max || topProb < threshold.lambda,
      observe: threshold.observe,
    };
  },
};
