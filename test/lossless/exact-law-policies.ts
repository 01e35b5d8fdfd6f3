import { parsePolicy, type StoppingPolicy, type VerificationRule } from "@adaedl/core";

/** Steps so large that one outcome decides whether the next round drafts on or not. */
export const jumpyAdaedl = "adaedl:lambda=0.5,gamma=0.25,alpha=0.5,beta1=0,beta2=0,eps=0.4,max=3";

const jumps = "alpha=0.5,beta1=0,beta2=0,eps=0.4,max=3";

/** Every kind of policy, of a few guesses and in a hurry to change its mind. */
const policies = [
  "none",
  "static:1",
  "static:2",
  "static:3",
  "adaedl",
  "adaedl:lambda=0.5,gamma=0.2,max=3",
  "adaedl:lambda=0.3,gamma=0.5,alpha=0.9,beta1=0.5,beta2=0.2,eps=0.5,max=3",
  jumpyAdaedl,
  `${jumpyAdaedl},test=before`,
  "adaedl:gamma=auto,eps=0.4,beta2=0,max=3",
  `max-confidence:lambda=0.5,${jumps}`,
  "svip:h=0.35,max=3",
  "confidence:p-min=0.4,max=3",
  `draft-verify:th=0.4,${jumps}`,
  "heuristic:start=2,max=3",
  "ucb:max=3",
  "stream",
  "stream:candidates=1,width=1,depth=1",
  "stream:bound=0.3,candidates=2,width=2,depth=2",
  "stream:chances=adaedl,gamma=0.5,bound=0.2",
];

/** Those that may be asked for under the rule. */
export function policiesUnder({ name }: VerificationRule): readonly string[] {
  if (name !== "rejection") return policies;
  return policies.filter((spec) => {
    const policy = parsePolicy(spec);
    return policy.family === "rounds" ? !policy.stopping.looksAtGuess : !policy.drafting;
  });
}

/**
 * Allowed by the interface, and as cunning as it can be: whether a draft is short depends on an
 * entropy of the one before, of the last guess that was followed by another: so on guesses behind a
 * refusal.
 */
export function createRememberingPolicy(maxDraftLength: number): StoppingPolicy {
  const entropies: number[] = [];
  let stopsEarly = false;
  return {
    spec: "remembering",
    maxDraftLength,
    looksAtGuess: false,
    stopsAfter({ index, entropy }) {
      entropies[index] = entropy;
      return stopsEarly || index + 1 >= maxDraftLength;
    },
    observe({ numDrafted, maxDraftLength: limit }) {
      const last = numDrafted === limit ? numDrafted - 2 : numDrafted - 1;
      stopsEarly = (entropies[last] ?? 0) < 0.6;
    },
  };
}
