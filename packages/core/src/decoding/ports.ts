import type { GuessEvidence } from "../stopping/policy.ts";
import type { Text } from "../text/text.ts";
import type { Guess } from "../verification/rule.ts";
import type { Verdict } from "../verification/verdict.ts";

/** One guess of the draft model, on its way to the verifier. */
export interface DraftToken extends Guess {
  /** Index of the token in prompt + output. */
  readonly position: number;
  /** Entropy in nats of the draft's adjusted distribution at this position. */
  readonly entropy: number;
}

/** One guess where it was made: what the verifier is sent, and what the stopping policy is told. */
export interface DraftedToken extends DraftToken, GuessEvidence {}

/** One round: what both sides take as the truth when it begins. */
export interface Round {
  /** 0 for the first round of the session. */
  readonly number: number;
  /** Prompt and committed output; the draft continues it. Do not keep: it grows. */
  readonly text: Text;
  /** How many of its tokens are the prompt. */
  readonly numPromptTokens: number;
  /**
   * Rounds after this one that will be plain for certain, so that a verifier need not be asked for
   * each; 0 unless this one is plain.
   */
  readonly numPlainTokens: number;
}

/** Why nothing is drafted although the policy wants a draft. */
export const fallbackReasons = [
  /** The draft model has no room for the sequence, or no row for one of its tokens. */
  "draft_context",
  "draft_failed",
  /** The verifier has no room for drafts. */
  "allowance",
] as const;

export type FallbackReason = (typeof fallbackReasons)[number];

/** Why a draft ended: the stopping policy, the longest draft allowed, or the drafter itself. */
export type DraftEndReason = "policy" | "limit" | "drafter";

/** The guesses of one round while they come about, and what whoever makes them tells of that. */
export interface Draft extends AsyncIterable<DraftToken> {
  /** Known when the iteration is over; undefined where there was nothing to draft. */
  readonly endReason?: DraftEndReason | undefined;
  /** Guesses so far. */
  readonly numGuesses?: number;
  /** Time spent waiting for the drafter so far. */
  readonly draftMs?: number;
}

/** The draft model, wherever it runs. */
export interface Drafter {
  /**
   * Guesses what follows `round.text`, token by token, until the caller ends the iteration. Ends
   * by itself where it cannot go on (its own context limit): a shorter draft, never an error.
   */
  draft(round: Round, signal?: AbortSignal): AsyncIterable<DraftedToken>;
  /** What keeps it from guessing anything from here on; for good, as sequences only grow. */
  obstacle?(sequence: readonly number[]): FallbackReason | undefined;
}

/** A verdict, and what else the verifier has to say. */
export interface RoundVerdict extends Verdict {
  /** Longest draft it takes from now on; absent where it does not care. */
  readonly maxDraftLength?: number | undefined;
  /**
   * The target's natural log-probabilities (at temperature 1) of the accepted guesses and the next
   * token, when asked for. [numAccepted + 1]
   */
  readonly logprobs?: readonly number[] | undefined;
  /** The most probable tokens at each of these places, when asked for. [numAccepted + 1] */
  readonly topLogprobs?: readonly (readonly TokenLogprob[])[] | undefined;
  /** How long the round waited for its forward, and how long that took; where it is known. */
  readonly timing?: { readonly queueMs: number; readonly verifyMs: number } | undefined;
}

/** A token and the target's natural log-probability of it, at temperature 1. */
export interface TokenLogprob {
  readonly tokenId: number;
  readonly logprob: number;
}

/** Of how many tokens besides the chosen one log-probabilities may be asked for. */
export const maxTopLogprobs = 20;

/** The target model, wherever it runs. */
export interface Verifier {
  /**
   * Judges the guesses in one target forward. `draft` yields each guess when it exists, so that a
   * remote verifier can be sent it at once; an empty draft asks for one plain token.
   */
  verify(round: Round, draft: Draft, signal?: AbortSignal): Promise<RoundVerdict>;
}

/** Token ids become text as far as it is certain (whole characters only). */
export interface TextStream {
  push(tokenId: number): string;
  /** What is left at the end. */
  flush(): string;
}
