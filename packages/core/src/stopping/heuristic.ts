import { draftLength } from "./param-rules.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type HeuristicParams = {
  /** Length of the first draft. */
  readonly start: number;
  /** The longest draft. */
  readonly max: number;
};

/**
 * The "heuristic" schedule of Hugging Face transformers (generation/candidate_generator.py): two
 * guesses more after a draft that was accepted whole, one less, but never none, after any other.
 *
 * `start` was 5 in transformers for long, and is 20 in newer versions, which do not use the schedule
 * by default any more. Theirs grows without a limit; `max` is ours. A draft that the caller's limit cut
 * short is judged by what it was: accepted whole it is no failure of the length that was wanted.
 */
export const heuristic: PolicyDefinition<HeuristicParams> = {
  name: "heuristic",
  form: "heuristic[:start=5,max=20]",
  params: { start: draftLength(5), max: draftLength(20) },
  create({ start, max }, spec) {
    let length = Math.min(start, max);
    return {
      spec,
      maxDraftLength: max,
      looksAtGuess: false,
      stopsAfter: ({ index }) => index + 1 >= length,
      observe({ numDrafted, numAccepted }) {
        length = numAccepted === numDrafted ? Math.min(max, length + 2) : Math.max(1, length - 1);
      },
    };
  },
};
