import type { Command } from "commander";

const secretNames = /token$|^apiKey$/i;
/** The password in a URL. */
const urlPassword = /(?<=:\/\/[^@/]*:)[^@/]*(?=@)/;

/** Every setting of a command as it counts, by its variable; secrets are not shown. */
export function configOf(command: Command): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const option of command.options) {
    if (option.envVar === undefined) continue;
    const name = option.attributeName();
    const value = command.getOptionValue(name);
    config[name] = shown(name, value ?? null);
  }
  return config;
}

function shown(name: string, value: unknown): unknown {
  if (value !== null && secretNames.test(name)) return "***";
  return typeof value === "string" ? value.replace(urlPassword, "***") : value;
}
