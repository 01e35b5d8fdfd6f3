import { draftLength, numberWithin } from "./param-rules.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type SvipParams = {
  /** Drafting stops above it. */
  readonly h: number;
  /** The longest draft. */
  readonly max: number;
};

/** Of the released code: what sqrt(c * H) takes for the distance between draft and target. */
const entropyShare = 0.15;

/**
 * SVIP (arXiv 2411.18462; constants of its eval_specbench.py): drafting stops after a guess of
 * sqrt(0.15 * H) > h. At h = 0.3 that is an entropy above 0.6 nats: AdaEDL with gamma 0.15 and a
 * lambda of 0.7 that never moves.
 *
 * Theirs is the entropy of the raw logits; ours is that of the adjusted distribution the guess was
 * drawn from, as everywhere here. At temperatures 0 and 1 without truncation the two are the same.
 */
export const svip: PolicyDefinition<SvipParams> = {
  name: "svip",
  form: "svip[:h=0.3,max=40]",
  params: { h: numberWithin(0, 10, 0.3), max: draftLength(40) },
  create({ h, max }, spec) {
    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: false,
      stopsAfter: ({ index, entropy }) => index + 1 >= max || Math.sqrt(entropyShare * entropy) > h,
      observe: () => {},
    };
  },
};
