/** How long the forwards of a model take, in milliseconds. */
export interface ForwardTime {
  readonly forwardMs: number;
  /** And for each row (one token of one session, prompt tokens included) after the first. */
  readonly rowMs: number;
}

const longestMs = 60_000;
const decimal = /^\d+(\.\d+)?$/;

export const forwardTimeRule = `must be FORWARD or FORWARD+ROW in milliseconds, each a number from 0 to ${longestMs}, such as 30+1`;

/** Reads `30`, `30+1` or `30.5+0.2`. @returns undefined for what breaks `forwardTimeRule` */
export function parseForwardTime(text: string): ForwardTime | undefined {
  const [forwardMs = Number.NaN, rowMs = 0, ...more] = text
    .split("+")
    .map((part) => (decimal.test(part) ? Number(part) : Number.NaN));
  const isValid = [forwardMs, rowMs].every((ms) => ms <= longestMs) && more.length === 0;
  return isValid ? { forwardMs, rowMs } : undefined;
}

/** What a forward of so many rows takes, in milliseconds: of one row `forwardMs`. */
export function forwardMsOf({ forwardMs, rowMs }: ForwardTime, numRows: number): number {
  return forwardMs + rowMs * (numRows - 1);
}
