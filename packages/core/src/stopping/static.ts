import type { StoppingPolicy } from "./policy.ts";

/** Always draft `length` tokens (Leviathan et al., arXiv 2211.17192). */
export function createStaticPolicy(length: number): StoppingPolicy {
  return {
    spec: `static:${length}`,
    maxDraftLength: length,
    looksAtGuess: false,
    stopsAfter: (guess) => guess.index + 1 >= length,
    observe: () => {},
  };
}
