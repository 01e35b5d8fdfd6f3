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
  observe(cost: ForwardCost): void;
}

/** Weight of the past in the fit, and in the rate, which has to follow the load. */
const fitMemory = 255 / 256;
const rateMemory = 15 / 16;
/** Forwards before anything is concluded. */
const fewForwards = 16;
/** Least variance of the number of rows that says something about the price of one. */
const leastVariance = 0.5;

/**
 * Fits forwardMs = a + b · rows by least squares, in which older forwards weigh less. Neither a nor b is
 * below 0. While all forwards have about the same number of rows the last b stays.
 */
export function createRowPrice(): RowPrice {
  let numForwards = 0;
  let weight = 0;
  let meanRows = 0;
  let meanMs = 0;
  /** Sums of squares and of products of deviations from the means. */
  let rowsRows = 0;
  let rowsMs = 0;
  let msPerRow = 0;
  let committed = 0;
  let passedMs = 0;

  function fit(numRows: number, forwardMs: number): void {
    numForwards++;
    weight = fitMemory * weight + 1;
    const deviation = numRows - meanRows;
    meanRows += deviation / weight;
    meanMs += (forwardMs - meanMs) / weight;
    rowsRows = fitMemory * rowsRows + deviation * (numRows - meanRows);
    rowsMs = fitMemory * rowsMs + deviation * (forwardMs - meanMs);
    if (numForwards < fewForwards || rowsRows < leastVariance * weight) return;
    msPerRow = Math.min(Math.max(0, rowsMs / rowsRows), meanMs / meanRows);
  }

  return {
    get leastChance() {
      return passedMs > 0 ? Math.min(1, (msPerRow * committed) / passedMs) : 0;
    },
    observe({ numRows, forwardMs, numCommitted, hasPrompts }) {
      committed = rateMemory * committed + numCommitted;
      passedMs = rateMemory * passedMs + forwardMs;
      if (!hasPrompts) fit(numRows, forwardMs);
    },
  };
}
