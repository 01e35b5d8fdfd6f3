import type { PlayResult } from "../policies/play.ts";
import type { PairCosts } from "./pair-costs.ts";

/**
 * The line on which drafts gain nothing. Plain text streams at the target's own speed, whatever the
 * distance; a round has to wait for its round trip. So drafting pays while
 *
 *     tokens per round * plain time per token > draft + round trip + verify
 *
 * (for a text long enough that the one round trip of plain streaming does not count).
 */
export interface BreakEven {
  /** The static draft length that reaches furthest. */
  readonly draftLength: number;
  readonly tokensPerRound: number;
  /** Plain time of one token; the others are of a round. */
  readonly plainMs: number;
  readonly draftMs: number;
  readonly verifyMs: number;
  /** The round trip up to which drafting pays; 0 or less where it never does. */
  readonly rttMs: number;
}

/** A static draft length, and what came of it. */
export interface StaticResult {
  readonly draftLength: number;
  readonly result: Pick<PlayResult, "numTokens" | "numForwards" | "numDrafted">;
}

export function breakEvenOf({ draftLength, result }: StaticResult, costs: PairCosts): BreakEven {
  const { numTokens, numForwards, numDrafted } = result;
  const { plainMs, verifyBaseMs, verifyTokenMs } = costs;
  const tokensPerRound = numTokens / numForwards;
  const guessesPerRound = numDrafted / numForwards;
  const draftMs = guessesPerRound * costs.draftMs;
  const verifyMs = verifyBaseMs + guessesPerRound * verifyTokenMs;
  const rttMs = tokensPerRound * plainMs - draftMs - verifyMs;
  return { draftLength, tokensPerRound, plainMs, draftMs, verifyMs, rttMs };
}

/** Of the length that pays furthest: at that distance it is the best static length there is. */
export function furthestBreakEven(statics: readonly StaticResult[], costs: PairCosts): BreakEven {
  const [first, ...others] = statics.map((one) => breakEvenOf(one, costs));
  if (first === undefined) throw new RangeError("statics must hold a result, got none");
  return others.reduce((best, one) => (one.rttMs > best.rttMs ? one : best), first);
}
