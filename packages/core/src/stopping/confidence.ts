import { draftLength, fraction } from "./param-rules.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type ConfidenceParams = {
  /** A guess the draft gives less is withheld. */
  readonly "p-min": number;
  /** The longest draft. */
  readonly max: number;
};

/**
 * The rule of llama.cpp (`--draft-p-min`, common/speculative.cpp): a guess whose probability is below
 * p-min is withheld and the draft is over, so that a round may be empty. The defaults are its older
 * ones, 0.75 and 16; today it starts at 0 and 3.
 *
 * llama.cpp drafts greedily and renormalises over the draft's top candidates; here the guess is drawn,
 * and its probability is that of the whole adjusted distribution. A short draft is sent, not dropped
 * (its `--draft-min`). Whether a drawn token is sent depends on which one it is: exact under shared
 * noise only, biased by up to 0.11 under rejection (test/lossless/exact-law-controls.test.ts).
 */
export const confidence: PolicyDefinition<ConfidenceParams> = {
  name: "confidence",
  form: "confidence[:p-min=0.75,max=16]",
  params: { "p-min": fraction(0.75), max: draftLength(16) },
  create({ "p-min": least, max }, spec) {
    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: true,
      withholds: ({ guessProb }) => guessProb < least,
      stopsAfter: ({ index }) => index + 1 >= max,
      observe: () => {},
    };
  },
};
