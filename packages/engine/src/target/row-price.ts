import { createTimeFit } from "./time-fit.ts";

/** One forward of the target. */
export interface ForwardCost {
  /** Tokens computed. */
  readonly numRows: number;
  readonly forwardMs: number;
  /** Tokens that it added to texts. */
  readonly numCommitted: number;
  /** Whether pieces of prompts were in it: their many rows say little about the price of one more. */
  readonly hasPrompts: boolean;
}

/** What one more row of a forward costs, in tokens that other texts lose by it. */
export interface RowPrice {
  /**
   * Least chance of a draft token that is worth its row, 0 to 1: the time of one more row times the
   * tokens that the target writes in a unit of time. 0 before both are known.
   */
  readonly leastChance: number;
  /** What a forward of so many rows takes without prompts; undefined before there were a few. */
  forwardMsOf(numRows: number): number | undefined;
  observe(cost: ForwardCost): void;
}

/** Weight of the past in the fit, and in the rate, which has to follow the load. */
const fitMemory = 255 / 256;
const rateMemory = 15 / 16;
/** Forwards before anything is concluded. */
const fewForwards = 16;

/** Fits the time of a forward to its number of rows, pieces of prompts apart. */
export function createRowPrice(): RowPrice {
  const fit = createTimeFit(fitMemory, fewForwards);
  let committed = 0;
  let passedMs = 0;

  return {
    get leastChance() {
      return passedMs > 0 ? Math.min(1, (fit.msPerRow * committed) / passedMs) : 0;
    },
    forwardMsOf(numRows) {
      return fit.numObserved < 4 ? undefined : fit.msOf(numRows); // the first are slow
    },
    observe({ numRows, forwardMs, numCommitted, hasPrompts }) {
      committed = rateMemory * committed + numCommitted;
      passedMs = rateMemory * passedMs + forwardMs;
      if (!hasPrompts) fit.observe(numRows, forwardMs);
    },
  };
}
