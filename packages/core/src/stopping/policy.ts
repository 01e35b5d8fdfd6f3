/** The longest draft anybody may ask for. */
export const longestDraftLength = 64;

/**
 * Decides how long drafts are. One policy object belongs to one session and may learn from its
 * rounds; it never sees the text. What it may look at decides where its text is exact: before a guess
 * is drawn anything may be known; a rule that looks at the guess itself (`looksAtGuess`) is exact
 * under shared noise only, where the text does not depend on the draft at all.
 */
export interface StoppingPolicy {
  /** The specification that makes this policy again, every parameter spelled out. */
  readonly spec: string;
  /** The longest draft it ever wants; 0 is plain decoding. */
  readonly maxDraftLength: number;
  /** Whether it looks at the drafted token: such a rule is refused under the rejection rule. */
  readonly looksAtGuess: boolean;
  /** The threshold it compares the acceptance bound with, where it has one: for who watches. */
  readonly lambda?: number;
  /**
   * Asked before a guess joins the draft: is it left out, and the draft over? The round may then be
   * empty. Absent: every guess joins.
   */
  withholds?(guess: DraftedGuess): boolean;
  /** Asked after each guess that joined the draft: is the draft long enough? */
  stopsAfter(guess: DraftedGuess): boolean;
  /** Told once per round that drafted anything, after the verdict. */
  observe(outcome: RoundOutcome): void;
}

/** What is known of a guess while drafting goes on. */
export interface DraftedGuess extends GuessEvidence {
  /** 0 for the first guess of the round. */
  readonly index: number;
}

/**
 * What the draft model says about its guess, all from the adjusted distribution the guess was drawn
 * from; at temperature 0, where that says nothing, from the model's at temperature 1.
 */
export interface GuessEvidence {
  /** In nats. */
  readonly entropy: number;
  /** Of the most probable token. */
  readonly topProb: number;
  /** Of the guess itself. */
  readonly guessProb: number;
  /**
   * How far, in nats, the guess is ahead of the runner-up: of noisy scores under shared noise, of
   * log-probabilities at temperature 0. Absent where the guess was not an argmax.
   */
  readonly margin?: number | undefined;
}

export interface RoundOutcome {
  /** 1 or more. */
  readonly numDrafted: number;
  readonly numAccepted: number;
  /** The longest draft this round could have had. */
  readonly maxDraftLength: number;
  /** Spent waiting for the drafter. */
  readonly draftMs: number;
  /** From the first guess asked for to the verdict. */
  readonly roundMs: number;
}
