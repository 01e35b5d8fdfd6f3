/** Fits ms = base + row · numRows by least squares, in which older observations weigh less. */
export interface TimeFit {
  readonly numObserved: number;
  /** Of one row more; 0 before anything is known. Neither this nor the base is below 0. */
  readonly msPerRow: number;
  /** Of all observations, base and rows together; 0 before the first one. */
  readonly meanMsPerRow: number;
  /** Of so many rows. */
  msOf(numRows: number): number;
  observe(numRows: number, ms: number): void;
}

/** Least variance of the number of rows: below it the time of one is not updated. */
const leastVariance = 0.5;

/**
 * While all observations have about the same number of rows the last time of a row stays.
 * @param memory weight of the past, 0 to 1
 * @param fewObserved observations before anything is concluded
 */
export function createTimeFit(memory: number, fewObserved: number): TimeFit {
  let numObserved = 0;
  let weight = 0;
  let meanRows = 0;
  let meanMs = 0;
  /** Sums of squares and of products of deviations from the means. */
  let rowsRows = 0;
  let rowsMs = 0;
  let msPerRow = 0;

  return {
    get numObserved() {
      return numObserved;
    },
    get msPerRow() {
      return msPerRow;
    },
    get meanMsPerRow() {
      return meanRows > 0 ? meanMs / meanRows : 0;
    },
    msOf(numRows) {
      return Math.max(0, meanMs + msPerRow * (numRows - meanRows));
    },
    observe(numRows, ms) {
      numObserved++;
      weight = memory * weight + 1;
      const deviation = numRows - meanRows;
      meanRows += deviation / weight;
      meanMs += (ms - meanMs) / weight;
      rowsRows = memory * rowsRows + deviation * (numRows - meanRows);
      rowsMs = memory * rowsMs + deviation * (ms - meanMs);
      if (numObserved < fewObserved || rowsRows < leastVariance * weight) return;
      msPerRow = Math.min(Math.max(0, rowsMs / rowsRows), meanMs / meanRows);
    },
  };
}
