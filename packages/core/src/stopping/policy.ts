/**
 * Decides how long drafts are. One policy object belongs to one session and may learn from its
 * rounds; it never sees the text, and (so that the rejection rule stays exact) never the guesses.
 */
export interface StoppingPolicy {
  /** The specification that makes this policy again, every parameter spelled out. */
  readonly spec: string;
  /** The longest draft it ever wants; 0 is plain decoding. */
  readonly maxDraftLength: number;
  /** Asked after each guess that joined the draft: is the draft long enough? */
  stopsAfter(guess: DraftedGuess): boolean;
  /** Told once per round that drafted anything, after the verdict. */
  observe(outcome: RoundOutcome): void;
}

export interface DraftedGuess {
  /** 0 for the first guess of the round. */
  readonly index: number;
  /** Entropy in nats of the draft's adjusted distribution the guess was drawn from. */
  readonly entropy: number;
}

export interface RoundOutcome {
  /** 1 or more. */
  readonly numDrafted: number;
  readonly numAccepted: number;
  /** The longest draft this round could have had. */
  readonly maxDraftLength: number;
}
