import { Option } from "commander";

/** A flag that can be given as a variable too: `--max-sessions` as ADAEDL_MAX_SESSIONS. */
export function setting(flags: string, description: string): Option {
  const option = new Option(flags, description);
  const name = option.name().toUpperCase().replaceAll("-", "_");
  return option.env(`ADAEDL_${name}`);
}
