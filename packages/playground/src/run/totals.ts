import type { CommitDetails, Guess } from "../api/wire.ts";

/** Sums over the rounds of a run so far; they go on where single rounds are no longer kept. */
export interface Totals {
  readonly numTokens: number;
  readonly numCommits: number;
  readonly numDrafted: number;
  readonly numAccepted: number;
  readonly draftMs: number;
  /** Between commits: neither drafting, nor queue, nor forward. */
  readonly networkMs: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  /** The draft tokens of the last commit that were rejected. */
  readonly rejected: readonly Guess[];
}

/** Before the first round. */
export const noTotals: Totals = {
  numTokens: 0,
  numCommits: 0,
  numDrafted: 0,
  numAccepted: 0,
  draftMs: 0,
  networkMs: 0,
  queueMs: 0,
  verifyMs: 0,
  rejected: [],
};

/** The sums after one more round; its tokens are counted as they come. */
export function addRound(totals: Totals, round: CommitDetails): Totals {
  return {
    ...totals,
    numCommits: totals.numCommits + 1,
    // A draft token that the edge had given up may be accepted all the same.
    numDrafted: totals.numDrafted + Math.max(round.draft_tokens.length, round.num_accepted),
    numAccepted: totals.numAccepted + round.num_accepted,
    draftMs: totals.draftMs + round.draft_ms,
    networkMs: totals.networkMs + networkMs(round),
    queueMs: totals.queueMs + round.queue_ms,
    verifyMs: totals.verifyMs + round.verify_ms,
    rejected: round.draft_tokens.slice(round.num_accepted),
  };
}

/** What of the wait was neither queue nor forward; they may have passed while the edge drafted, so never below 0. */
function networkMs({ wait_ms, queue_ms, verify_ms }: CommitDetails): number {
  return Math.max(0, wait_ms - queue_ms - verify_ms);
}
