import { InvalidArgumentError, Option } from "commander";
import { parseNumber } from "../../input/numbers.ts";
import { parseFrom } from "../../settings/values.ts";

/** A number of something, `least` or more. */
export function count(
  flags: string,
  description: string,
  value: number | undefined,
  least = 1,
): Option {
  return new Option(flags, description).argParser(parseFrom(least, 1_000_000)).default(value);
}

export function parsePositive(text: string): number {
  const value = parseNumber(text);
  if (value <= 0) throw new InvalidArgumentError("It must be above 0.");
  return value;
}
