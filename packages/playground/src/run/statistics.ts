import type { RunState } from "./run-state.ts";

/** The figures of a run; undefined where there is nothing to divide yet. */
export interface Statistics {
  readonly numTokens: number;
  readonly numCommits: number;
  readonly acceptanceRate: number | undefined;
  readonly tokensPerSecond: number | undefined;
  /** Draft tokens on the likeliest path in flight, in the mean: how far the edge is ahead of the target. */
  readonly frontierDistance: number | undefined;
  readonly targetForwards: number;
  /** Of the forwards that decoding token by token takes, those not needed; 0 where none was saved. */
  readonly savedShare: number | undefined;
  readonly forwardsPerToken: number | undefined;
  readonly durationMs: number;
}

/** The figures of a run so far; the gateway's own as soon as it sends them. */
export function statisticsOf(state: RunState): Statistics {
  const { totals, speculation } = state;
  const { numTokens, numCommits } = totals;
  const durationMs = speculation?.duration_ms ?? state.nowMs - state.startedMs;
  // Until the end it is taken that the prompt took one forward, and each commit one more.
  const targetForwards = speculation?.target_forwards ?? (numCommits === 0 ? 0 : numCommits + 1);
  // Token by token, the prompt takes one forward, and each token one more.
  const mostForwards = numTokens + 1;
  const savedForwards = Math.max(0, mostForwards - targetForwards);
  const acceptedOf = speculation ?? { accepted: totals.numAccepted, drafted: totals.numDrafted };
  return {
    numTokens,
    durationMs,
    targetForwards,
    savedShare: numTokens === 0 ? undefined : savedForwards / mostForwards,
    numCommits: speculation?.commits ?? numCommits,
    acceptanceRate: quotient(acceptedOf.accepted, acceptedOf.drafted),
    tokensPerSecond: numTokens === 0 ? undefined : quotient(1000 * numTokens, durationMs),
    frontierDistance: quotient(totals.distance, totals.numFrontiers),
    forwardsPerToken: quotient(targetForwards, numTokens),
  };
}

function quotient(amount: number, of: number): number | undefined {
  return of > 0 ? amount / of : undefined;
}
