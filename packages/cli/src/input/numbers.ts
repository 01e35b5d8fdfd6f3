import type { maxThreads } from "@adaedl/engine";
import { InvalidArgumentError } from "commander";

/** The engine's own limit, held to it by its type: the value would load the engine with it. */
const mostThreads: typeof maxThreads = 256;

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A number as people write it. Whether it is in range is for the engine to say. */
export function parseNumber(text: string): number {
  if (!decimal.test(text)) throw new InvalidArgumentError("It must be a number.");
  return Number(text);
}

/** A whole number in plain digits. */
export function parseWholeNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** A count of 1 or more. */
export function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return count;
}

/** Threads of one forward; more than this no machine has a use for. */
export function parseThreads(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > mostThreads)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${mostThreads}.`);
  return count;
}

/** "1,2,3" */
export function parseTokenIds(text: string): number[] {
  if (!/^\s*\d+\s*(,\s*\d+\s*)*$/.test(text))
    throw new InvalidArgumentError("It must be token ids separated by commas, such as 1,2,3.");
  return text.split(",").map(Number);
}

/** "ID=BIAS", collected over repeated options. */
export function parseLogitBias(
  text: string,
  earlier: ReadonlyMap<number, number> = new Map(),
): Map<number, number> {
  const [, id = "", bias = ""] = /^(\d+)=(.+)$/.exec(text) ?? [];
  if (id === "" || !decimal.test(bias))
    throw new InvalidArgumentError("It must be a token id and a number, such as 42=-1.5.");
  return new Map(earlier).set(Number(id), Number(bias));
}

/** Collects the values of a repeated option. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
