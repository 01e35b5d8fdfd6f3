import type { CommitDetails, DraftToken, Frontier, Origin, TokenDetails } from "../api/wire.ts";

/** Where a token comes from, draft tokens that only tables at the edge had told apart. */
export type ToldOrigin = Origin | "table-draft";

export function toldOrigin({ origin, drafters = [] }: TokenDetails): ToldOrigin {
  const isTables = origin === "accepted" && drafters.length > 0 && !drafters.includes("model");
  return isTables ? "table-draft" : origin;
}

/** Sums over a run so far; they go on where single tokens are no longer kept. */
export interface Totals {
  readonly numTokens: number;
  /** Tokens of the text by where they come from. */
  readonly origins: Readonly<Record<ToldOrigin, number>>;
  readonly numCommits: number;
  readonly numDrafted: number;
  readonly numAccepted: number;
  readonly draftMs: number;
  /** Between commits: neither drafting, nor queue, nor forward. */
  readonly networkMs: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  /** Times that the frontier moved, and the sum of its distances. */
  readonly numFrontiers: number;
  readonly distance: number;
  /** The draft tokens of the last commit that were rejected. */
  readonly rejected: readonly DraftToken[];
}

/** Before the first commit. */
export const noTotals: Totals = {
  numTokens: 0,
  origins: {
    ...{ accepted: 0, "table-draft": 0, "verifier-draft": 0 },
    ...{ recovered: 0, bonus: 0, autoregressive: 0 },
  },
  numCommits: 0,
  numDrafted: 0,
  numAccepted: 0,
  draftMs: 0,
  networkMs: 0,
  queueMs: 0,
  verifyMs: 0,
  numFrontiers: 0,
  distance: 0,
  rejected: [],
};

/** The sums after one more commit; its tokens are counted as they come. */
export function addCommit(totals: Totals, commit: CommitDetails): Totals {
  const { draft_tokens, num_accepted, draft_ms, wait_ms, queue_ms, verify_ms } = commit;
  return {
    ...totals,
    numCommits: totals.numCommits + 1,
    // A draft token that the edge had given up may be accepted all the same.
    numDrafted: totals.numDrafted + Math.max(draft_tokens.length, num_accepted),
    numAccepted: totals.numAccepted + num_accepted,
    draftMs: totals.draftMs + draft_ms,
    // Queue and forward may have passed while the edge drafted.
    networkMs: totals.networkMs + Math.max(0, wait_ms - queue_ms - verify_ms),
    queueMs: totals.queueMs + queue_ms,
    verifyMs: totals.verifyMs + verify_ms,
    rejected: draft_tokens.slice(num_accepted),
  };
}

/** The sums after one more token of the text. */
export function addToken(totals: Totals, origin: ToldOrigin): Totals {
  const origins = { ...totals.origins, [origin]: totals.origins[origin] + 1 };
  return { ...totals, origins, numTokens: totals.numTokens + 1 };
}

/** The sums after the frontier has moved. */
export function addFrontier(totals: Totals, { distance }: Frontier): Totals {
  const numFrontiers = totals.numFrontiers + 1;
  return { ...totals, numFrontiers, distance: totals.distance + distance };
}
