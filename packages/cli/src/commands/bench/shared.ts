import { Option } from "commander";
import { parseFrom } from "../../settings/values.ts";

/** A number of something, 1 or more. */
export function count(flags: string, description: string, value: number | undefined): Option {
  return new Option(flags, description).argParser(parseFrom(1, 1_000_000)).default(value);
}
