import type { Guess } from "../verification/rule.ts";
import type { Verdict } from "../verification/verdict.ts";

/** One guess of the draft model, on its way to the verifier. */
export interface DraftToken extends Guess {
  /** Index of the token in prompt + output. */
  readonly position: number;
  /** Entropy in nats of the draft's adjusted distribution at this position. */
  readonly entropy: number;
}

/** One round: what both sides take as the truth when it begins. */
export interface Round {
  /** 0 for the first round of the session. */
  readonly number: number;
  /** Prompt and committed output; the draft continues it. Do not keep: it grows. */
  readonly sequence: readonly number[];
  /** How many of `sequence` are the prompt. */
  readonly numPromptTokens: number;
}

/** The draft model, wherever it runs. */
export interface Drafter {
  /**
   * Guesses what follows `round.sequence`, token by token, until the caller ends the iteration. Ends
   * by itself where it cannot go on (its own context limit): a shorter draft, never an error.
   */
  draft(round: Round, signal?: AbortSignal): AsyncIterable<DraftToken>;
}

/** The target model, wherever it runs. */
export interface Verifier {
  /**
   * Judges the guesses in one target forward. `draft` yields each guess when it exists, so that a
   * remote verifier can be sent it at once; an empty draft asks for one plain token.
   */
  verify(round: Round, draft: AsyncIterable<DraftToken>, signal?: AbortSignal): Promise<Verdict>;
}

/** Token ids become text as far as it is certain (whole characters only). */
export interface TextStream {
  push(tokenId: number): string;
  /** What is left at the end. */
  flush(): string;
}
