import type { Command, Option } from "commander";
import { UsageError } from "../fail.ts";

const yes = /^(1|true|yes|on)$/i;
const no = /^(0|false|no|off)$/i;

/**
 * Cleans the variables of the subcommand that is about to be parsed, which commander takes as they are:
 * white space around a value is dropped, an empty variable counts as unset, and a switch is on for
 * 1, true, yes, on and unset for 0, false, no, off.
 * @throws UsageError in parsing, for a switch with any other value
 */
export function cleanVariables(parent: Command, env: NodeJS.ProcessEnv = process.env): Command {
  return parent.hook("preSubcommand", (_, command) => {
    for (const option of command.options) cleanVariable(option, env);
    cleanVariables(command, env);
  });
}

function cleanVariable(option: Option, env: NodeJS.ProcessEnv): void {
  const { envVar: name } = option;
  const text = name === undefined ? undefined : env[name]?.trim();
  if (name === undefined || text === undefined) return;
  const isSwitch = option.isBoolean() || option.negate;
  if (isSwitch && text !== "" && !yes.test(text) && !no.test(text))
    throw new UsageError(
      `${name} must be true or false (1 or 0, yes or no, on or off), got "${text}"`,
    );
  if (text === "" || (isSwitch && no.test(text))) delete env[name];
  else env[name] = text;
}
