import { InvalidArgumentError } from "commander";

/** Milliseconds of a forward: whatever it judges, and for each guess in it. */
export interface VerifyCosts {
  readonly base: number;
  readonly perToken: number;
}

const decimal = /^(\d+(\.\d*)?|\.\d+)$/;

/** A time in milliseconds that something takes. */
export function parseMs(text: string): number {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= 1e6))
    throw new InvalidArgumentError("It must be a number above 0, at most 1000000.");
  return value;
}

/** BASE or BASE+PERTOKEN in milliseconds. */
export function parseVerifyMs(text: string): VerifyCosts {
  const [base = "", perToken = "0", ...more] = text.split("+");
  if (more.length > 0 || !decimal.test(perToken) || Number(perToken) > 1e6)
    throw new InvalidArgumentError("It must be BASE or BASE+PERTOKEN, such as 30+1.");
  return { base: parseMs(base), perToken: Number(perToken) };
}
