import type { VerificationRuleName } from "@adaedl/core";

export type Clock = "virtual" | "wall";

/** One policy under one set of conditions: a row of every table, a point of every plot. */
export interface Cell {
  readonly pair: string;
  /** A specification, or one that only a benchmark can have (see `playPolicy`). */
  readonly policy: string;
  readonly verification: VerificationRuleName;
  /** Of the hardware; "this machine" with the wall clock. */
  readonly preset: string;
  readonly clock: Clock;
  readonly rttMs: number;
  readonly temperature: number;
  readonly tokensPerSecond: number;
  /** Wall clock: lowest and highest of the repetitions. */
  readonly spread?: readonly [number, number] | undefined;
  readonly roundTripsPer100Tokens: number;
  readonly targetForwardsPer100Tokens: number;
  readonly numDrafted: number;
  readonly numAccepted: number;
  readonly numTokens: number;
}

/** One drafted token, for the plot of acceptance against entropy. */
export interface GuessSample {
  readonly pair: string;
  readonly temperature: number;
  readonly entropy: number;
  readonly isAccepted: boolean;
}

/** Everything a report shows, and what `--json` prints. */
export interface Comparison {
  readonly command: string;
  readonly cells: readonly Cell[];
  readonly guesses: readonly GuessSample[];
}
