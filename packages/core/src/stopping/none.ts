import type { StoppingPolicy } from "./policy.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

export const none: PolicyDefinition = {
  name: "none",
  form: "none",
  params: {},
  create: createNonePolicy,
};

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
