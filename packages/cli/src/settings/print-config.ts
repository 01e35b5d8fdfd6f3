import type { Command } from "commander";

const secretNames = /token$/i;

/** Every setting of a command as it counts, by its variable; secrets are not shown. */
export function configOf(command: Command): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const option of command.options) {
    if (option.envVar === undefined) continue;
    const name = option.attributeName();
    const value = command.getOptionValue(name);
    config[name] = value !== undefined && secretNames.test(name) ? "***" : (value ?? null);
  }
  return config;
}
