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

/** The flags that put a secret into the arguments of the process, where every local user can read it. */
export function secretFlags(command: Command): string[] {
  return command.options
    .filter((option) => {
      const name = option.attributeName();
      const value: unknown = command.getOptionValue(name);
      return command.getOptionValueSource(name) === "cli" && shown(name, value) !== value;
    })
    .map(({ long }) => long ?? "");
}

function shown(name: string, value: unknown): unknown {
  if (value !== null && secretNames.test(name)) return "***";
  return typeof value === "string" ? value.replace(urlPassword, "***") : value;
}
