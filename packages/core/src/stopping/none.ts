import type { StoppingPolicy } from "./policy.ts";

/** Plain decoding: never draft. */
export function createNonePolicy(): StoppingPolicy {
  return {
    spec: "none",
    maxDraftLength: 0,
    looksAtGuess: false,
    stopsAfter: () => true,
    observe: () => {},
  };
}
