import type { VerificationRuleName } from "@adaedl/core";
import { longestTried } from "./grid.ts";
import type { Performance } from "./performance.ts";
import { performTape, type Tape } from "./tape/tape.ts";

/** Texts of one pair at one temperature under one rule, ready to be decoded again and again. */
export interface Repertoire {
  readonly pair: string;
  readonly temperature: number;
  readonly verification: VerificationRuleName;
  readonly performances: readonly Performance[];
  /** Under shared noise only: what needs to know the target's text in advance. */
  readonly tapes?: readonly Tape[] | undefined;
  /** A text such as these, for tables that begin with one. */
  readonly corpus?: readonly number[] | undefined;
}

/** Under shared noise: what the tapes have on record. */
export function repertoireOf(
  pair: string,
  temperature: number,
  tapes: readonly Tape[],
): Repertoire {
  const performances = tapes.map((tape) => performTape(tape, longestTried));
  return { pair, temperature, verification: "shared-noise", performances, tapes };
}
