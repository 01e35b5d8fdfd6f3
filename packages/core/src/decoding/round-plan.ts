import type { StoppingPolicy } from "../stopping/policy.ts";
import type { Drafter, FallbackReason } from "./ports.ts";

/** What the next round will be. */
export interface RoundPlan {
  /** Longest draft; 0 makes the round plain. */
  readonly maxDraftLength: number;
  /** Rounds after this one that will be plain for certain; 0 unless this one is. */
  readonly numPlainTokens: number;
  /** Whether the verifier hears of the round: not of the later tokens of a plain run. */
  readonly isAsked: boolean;
  /** Why the round is plain although the policy wanted a draft. */
  readonly fallback?: FallbackReason | undefined;
}

export interface RoundPlanner {
  /** @param room tokens that fit besides the verdict's own */
  next(sequence: readonly number[], room: number): RoundPlan;
  /** The verifier's word on the longest draft it takes from now on. */
  allow(maxDraftLength: number): void;
}

/** Rounds decoded plainly at a time while the verifier has no room for drafts. */
const plainRunLength = 16;

/**
 * Plans round by round. Plain rounds are planned in runs, so that a verifier far away can decode a
 * whole run without being asked for each token: to the end where nothing will be drafted any more,
 * a few at a time where the verifier may take drafts again.
 */
export function createRoundPlanner(
  policy: StoppingPolicy,
  drafter: Drafter | undefined,
  longestDraft: number,
): RoundPlanner {
  let allowance = Number.POSITIVE_INFINITY;
  let numPlainLeft = 0;
  let fallback: FallbackReason | undefined;

  function obstacleTo(sequence: readonly number[]): FallbackReason | undefined {
    return drafter?.obstacle?.(sequence) ?? (allowance < 1 ? "allowance" : undefined);
  }

  return {
    next(sequence, room) {
      if (numPlainLeft > 0) {
        numPlainLeft--;
        return { maxDraftLength: 0, numPlainTokens: numPlainLeft, isAsked: false, fallback };
      }
      const wanted =
        drafter === undefined ? 0 : Math.min(policy.maxDraftLength, longestDraft, room);
      fallback = wanted > 0 ? obstacleTo(sequence) : undefined;
      let numPlain = Number.POSITIVE_INFINITY;
      if (wanted > 0 && fallback === undefined) {
        numPlain = policy.numPlainTokens?.() ?? 0;
        if (numPlain === 0)
          return { maxDraftLength: Math.min(wanted, allowance), numPlainTokens: 0, isAsked: true };
      } else if (fallback === "allowance") numPlain = plainRunLength;

      numPlainLeft = Math.min(numPlain - 1, room);
      return { maxDraftLength: 0, numPlainTokens: numPlainLeft, isAsked: true, fallback };
    },
    allow(maxDraftLength) {
      allowance = maxDraftLength;
    },
  };
}
