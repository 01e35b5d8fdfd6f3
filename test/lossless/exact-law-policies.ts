import type { StoppingPolicy } from "@adaedl/core";

/** Steps so large that one outcome decides whether the next round drafts on or not. */
export const jumpyAdaedl = "adaedl:lambda=0.5,gamma=0.25,alpha=0.5,beta1=0,beta2=0,eps=0.4,max=3";

/**
 * Allowed by the interface, and as cunning as it can be: whether a draft is short depends on the
 * last entropy of the one before, so on guesses behind a refusal.
 */
export function createRememberingPolicy(maxDraftLength: number): StoppingPolicy {
  let lastEntropy = 0;
  let stopsEarly = false;
  return {
    spec: "remembering",
    maxDraftLength,
    stopsAfter({ index, entropy }) {
      lastEntropy = entropy;
      return stopsEarly || index + 1 >= maxDraftLength;
    },
    observe() {
      stopsEarly = lastEntropy < 0.6;
    },
  };
}
