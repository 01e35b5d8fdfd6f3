import type { Command, Option } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createProgram } from "./program.ts";
import { configOf, secretFlags } from "./settings/print-config.ts";

interface Entry {
  readonly path: readonly string[];
  readonly option: Option;
}

const create = () => createProgram(() => AbortSignal.timeout(1));

function commandsOf(command: Command, path: readonly string[] = []): [string[], Command][] {
  const below = command.commands.flatMap((sub) => commandsOf(sub, [...path, sub.name()]));
  return [[[...path], command], ...below];
}

const entries: readonly Entry[] = commandsOf(create()).flatMap(([path, { options }]) =>
  options.map((option) => ({ path, option })),
);
const title = ({ path, option }: Entry) => `${path.join(" ")} ${option.flags}`;
const table = (wanted: (option: Option) => boolean) =>
  entries.filter(({ option }) => wanted(option)).map((entry) => [title(entry), entry] as const);
const isSwitch = (option: Option) => option.isBoolean() || option.negate;
const shownDefault = ({ defaultValue, defaultValueDescription }: Option) =>
  defaultValueDescription ?? String(defaultValue);

/** The options of a command as its action would get them. */
async function parse(path: readonly string[], args: readonly string[] = []) {
  const program = create();
  const command = commandsOf(program).find(([other]) => other.join() === path.join())?.[1];
  if (command === undefined) throw new Error(`no command ${path.join(" ")}`);
  command.action(() => {});
  const needed = command.options
    .filter(({ mandatory, envVar = "" }) => mandatory && !process.env[envVar]?.trim())
    .flatMap(({ long }) => [String(long), long === "--redis-url" ? "redis://a" : "a:1"]);
  const operands = command.registeredArguments.map(() => "a:1");
  await program.parseAsync([...path, ...needed, ...args, ...operands], { from: "user" });
  return command;
}

// CI sets ADAEDL_ONCE, a shell may set others: what is tested here starts without any.
const ownVariables = Object.entries(process.env).filter(([name]) => name.startsWith("ADAEDL_"));
beforeAll(() => {
  for (const [name] of ownVariables) delete process.env[name];
});
afterAll(() => {
  Object.assign(process.env, Object.fromEntries(ownVariables));
});

describe("what help says is true", () => {
  test.each(table((option) => option.defaultValue !== undefined && option.parseArg !== undefined))(
    "%s: the default it shows, given as the flag, is the default",
    (_, { option }) => {
      const given = option.parseArg?.(shownDefault(option), undefined as never);
      expect(given).toEqual(option.defaultValue);
    },
  );

  test.each(table((option) => option.defaultValue !== undefined && !isSwitch(option)))(
    "%s: has one default, and shows it",
    (_, { option }) => {
      expect(shownDefault(option)).not.toBe("");
      expect(option.description).not.toMatch(/default:/);
    },
  );

  test.each(table(({ flags }) => /<s>/.test(flags)))("%s: is in seconds", (_, { option }) => {
    expect(option.parseArg?.("1.5", undefined as never)).toBe(1.5);
    expect(() => option.parseArg?.("1500ms", undefined as never)).toThrow(/number of seconds/);
  });

  test.each(table(({ long }) => /time(out)?$/.test(long ?? "")))("%s: names its unit", (name) => {
    expect(name).toMatch(/ <s>$/);
  });

  test.each(table(({ long }) => /-ms$/.test(long ?? "")))("%s: names its unit", (name) => {
    expect(name).toMatch(/ <(ms|list|forward\+(?:row|place|token))>$/);
  });
});

describe("variables", () => {
  const withVariable = (option: Option) => option.envVar !== undefined;

  test.each(table(withVariable))("%s: has the variable of its name", (_, { option }) => {
    const name = (option.long ?? "").slice(2).toUpperCase().replaceAll("-", "_");
    expect(option.envVar).toBe(`ADAEDL_${name}`);
  });

  test("of one name are of one kind, so that one environment serves several commands", () => {
    const kinds = new Map<string, Set<string>>();
    for (const { option } of entries) {
      if (option.envVar === undefined) continue;
      const kind = option.flags.replace(/^.* </, "<");
      kinds.set(option.envVar, (kinds.get(option.envVar) ?? new Set()).add(kind));
    }
    expect([...kinds].filter(([, { size }]) => size > 1)).toEqual([]);
  });

  test("each setting of a service has one", () => {
    const without = entries
      .filter(({ path, option }) => path[0] === "serve" && option.envVar === undefined)
      .map(({ option }) => option.long);
    expect([...new Set(without)]).toEqual(["--print-config"]);
  });

  describe.each(table((option) => withVariable(option) && isSwitch(option)))(
    "%s",
    (_, { path, option }) => {
      const name = option.attributeName();
      const read = async (text: string) => {
        vi.stubEnv(option.envVar ?? "", text);
        try {
          return (await parse(path)).getOptionValue(name);
        } finally {
          vi.unstubAllEnvs();
        }
      };
      test.each(["1", "true", "YES", " on "])("%j switches it on", async (text) => {
        expect(await read(text)).toBe(!option.negate);
      });
      test.each(["0", "false", "No", "off ", "", " "])("%j leaves it off", async (text) => {
        const unset = (await parse(path)).getOptionValue(name);
        expect(await read(text)).toBe(unset);
      });
      test("any other value is refused", async () => {
        await expect(read("maybe")).rejects.toThrow(
          `${option.envVar} must be true or false (1 or 0, yes or no, on or off), got "maybe"`,
        );
      });
    },
  );

  test.each(table((option) => withVariable(option) && !isSwitch(option)))(
    "%s: an empty one counts as unset, and space around a value does not count",
    async (_, { path, option }) => {
      const name = option.attributeName();
      const value = option.defaultValue === undefined ? sampleOf(option) : shownDefault(option);
      try {
        vi.stubEnv(option.envVar ?? "", " ");
        const unset = await parse(path).then((command) => command.getOptionValueSource(name));
        vi.stubEnv(option.envVar ?? "", `\t${value} \n`);
        const command = await parse(path);
        expect(unset).not.toBe("env");
        expect(command.getOptionValueSource(name)).toBe("env");
        const expected = option.parseArg?.(value, undefined as never) ?? value;
        expect(command.getOptionValue(name)).toEqual(expected);
      } finally {
        vi.unstubAllEnvs();
      }
    },
  );

  test("a number with another unit is refused, by the name of its variable", async () => {
    vi.stubEnv("ADAEDL_DRAIN_TIMEOUT", "30s");
    await expect(parse(["serve", "verifier"])).rejects.toThrow(
      "value '30s' from env 'ADAEDL_DRAIN_TIMEOUT' is invalid. It must be a number of seconds",
    );
    vi.unstubAllEnvs();
  });
});

test("settings are printed in the unit of their flags, without secrets", async () => {
  const args = ["--drain-timeout", "0.5", "--redis-url", "redis://ada:secret@redis:6379"];
  const command = await parse(["serve", "verifier"], args);
  const { drainTimeout, idleTimeout, cacheMb, redisUrl } = configOf(command);
  expect({ drainTimeout, idleTimeout, cacheMb, redisUrl }).toEqual({
    drainTimeout: 0.5,
    idleTimeout: 60,
    cacheMb: 1024,
    redisUrl: "redis://ada:***@redis:6379",
  });
});

test("finds secrets among the arguments, not in variables and files", async () => {
  vi.stubEnv("ADAEDL_REDIS_URL", "redis://ada:secret@redis:6379");
  const verifier = await parse(["serve", "verifier"], ["--tokens-file", "tokens"]);
  vi.unstubAllEnvs();
  const args = ["--api-key", "k", "--draft-service-token", "t", "--tls-key", "file"];
  const gateway = await parse(["serve", "gateway"], args);
  const open = await parse(["serve", "verifier"], ["--redis-url", "redis://redis:6379"]);
  expect(secretFlags(verifier)).toEqual([]);
  expect(secretFlags(gateway).sort()).toEqual(["--api-key", "--draft-service-token"]);
  expect(secretFlags(open)).toEqual([]);
});

/** A value for an option without a default. */
function sampleOf({ flags, argChoices }: Option): string {
  if (argChoices?.[0] !== undefined) return argChoices[0];
  if (/<n>/.test(flags)) return "3";
  if (/<host:port/.test(flags)) return "a:1";
  if (/<origin/.test(flags)) return "https://app.example";
  if (/<forward/.test(flags)) return "30.5+0.2";
  if (/<kinds>/.test(flags)) return "suffix";
  return "x";
}
