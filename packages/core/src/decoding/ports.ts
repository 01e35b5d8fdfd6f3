/** Why nothing is drafted although the policy wants a draft. */
export const fallbackReasons = [
  /** The draft model has no room for the text. */
  "draft_context",
  "draft_failed",
] as const;

export type FallbackReason = (typeof fallbackReasons)[number];

/** Why a draft ended: the stopping policy, the longest draft allowed, or the drafter itself. */
export type DraftEndReason = "policy" | "limit" | "drafter";

/** A token and the target's natural log-probability of it, at temperature 1. */
export interface TokenLogprob {
  readonly tokenId: number;
  readonly logprob: number;
}

/** Of how many tokens besides the chosen one log-probabilities may be asked for. */
export const maxTopLogprobs = 20;

/** Token ids become text as far as it is certain (whole characters only). */
export interface TextStream {
  push(tokenId: number): string;
  /** What is left at the end. */
  flush(): string;
}
