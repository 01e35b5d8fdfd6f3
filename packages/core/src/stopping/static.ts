import { draftLength } from "./param-rules.ts";
import type { StoppingPolicy } from "./policy.ts";
import type { PolicyDefinition } from "./policy-definition.ts";

type StaticParams = { readonly length: number };

export const staticLength: PolicyDefinition<StaticParams> = {
  name: "static",
  form: "static:K",
  params: { length: draftLength() },
  shortParam: "length",
  create: ({ length }) => createStaticPolicy(length),
};

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
