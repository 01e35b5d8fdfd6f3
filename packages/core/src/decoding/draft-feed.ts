import type { StoppingPolicy } from "../stopping/policy.ts";
import type { Draft, DraftEndReason, DraftedToken, Drafter, Round } from "./ports.ts";

/** The draft of one round while it comes about: yields each guess and keeps a record. */
export interface DraftFeed extends Draft {
  readonly tokens: readonly DraftedToken[];
  /** Whether the policy left a guess out. */
  readonly isWithheld: boolean;
  readonly draftMs: number;
  /** Ends the draft, whether its reader came to the end or not. */
  close(): Promise<void>;
}

/**
 * Pulls guesses from the drafter until the policy or the limit ends the draft.
 * @param limit longest draft of this round; 0 asks the drafter nothing
 * @param now milliseconds of a monotonic clock
 */
export function createDraftFeed(
  drafter: Drafter | undefined,
  policy: StoppingPolicy,
  round: Round,
  limit: number,
  now: () => number,
  signal: AbortSignal | undefined,
): DraftFeed {
  const tokens: DraftedToken[] = [];
  let isWithheld = false;
  let draftMs = 0;
  let endReason: DraftEndReason | undefined;

  async function* pull(): AsyncGenerator<DraftedToken> {
    if (drafter === undefined || limit <= 0) return;
    let waitingSince = now();
    for await (const token of drafter.draft(round, signal)) {
      draftMs += now() - waitingSince;
      const { entropy, topProb, guessProb, margin } = token;
      const guess = { index: tokens.length, entropy, topProb, guessProb, margin };
      if (policy.withholds?.(guess)) {
        isWithheld = true;
        endReason = "policy";
        return;
      }
      tokens.push(token);
      yield token; // before the policy is asked: a guess that exists is sent
      const isEnough = policy.stopsAfter(guess); // of the last one too: it may learn from each
      if (tokens.length >= limit) endReason = "limit";
      else if (isEnough) endReason = "policy";
      if (endReason !== undefined) return;
      waitingSince = now();
    }
    endReason = "drafter";
    draftMs += now() - waitingSince;
  }

  const pulled = pull();
  return {
    tokens,
    get isWithheld() {
      return isWithheld;
    },
    get numGuesses() {
      return tokens.length;
    },
    get draftMs() {
      return draftMs;
    },
    get endReason() {
      return endReason;
    },
    [Symbol.asyncIterator]: () => pulled,
    async close() {
      await pulled.return(undefined);
    },
  };
}
