import { describe, expect, test } from "vitest";
import { createProgram } from "../../packages/cli/src/program.ts";
import { pages, textOf } from "./pages.ts";

// Commands that the documentation shows have to be taken by the commands as they are. Nothing is run.

type Command = ReturnType<typeof createProgram>;

/** Flags in prose that belong to another program. */
const foreignFlags = new Set([
  ...["--health-cmd", "--build-arg", "--project", "--initial-old-space-size"],
  "--draft-p-min", // of llama.cpp
]);

interface Documented {
  readonly page: string;
  readonly text: string;
}

interface DocumentedCommand extends Documented {
  /** A command named in a sentence, or cut off by "…", may leave out what it needs. */
  readonly isWhole: boolean;
}

/** Code between fences, its continued lines joined, and code in a line of prose. */
const fencesOf = (text: string) =>
  [...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```/gm)].map(([, code = ""]) =>
    code.replaceAll(/\\\n\s*/g, ""),
  );
const spansOf = (text: string) =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(
    ([, code = ""]) => code,
  );

const commands: DocumentedCommand[] = pages.flatMap((page) => {
  const text = textOf(page);
  const commandsIn = (lines: readonly string[], isFence: boolean) =>
    lines
      .map((line) => /^(?:\w+\$ +)?(?:npx )?(adaedl [a-z].*)$/.exec(line)?.[1] ?? "")
      .filter((command) => command !== "")
      .map((command) => ({ page, text: command, isWhole: isFence && !command.includes("…") }));
  return [
    ...commandsIn(
      fencesOf(text).flatMap((code) => code.split("\n")),
      true,
    ),
    ...commandsIn(spansOf(text), false),
  ];
});
const flags: Documented[] = pages.flatMap((page) =>
  spansOf(textOf(page))
    .flatMap((code) => /^--[a-z][\w-]*\w(?![\w-])/.exec(code)?.[0] ?? [])
    .filter((flag) => !foreignFlags.has(flag))
    .map((text) => ({ page, text })),
);

/** The arguments of a command as a shell would split them, as far as the first that is left out (…). */
function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word);
  const end = words.findIndex((word) => /^(?:#|\||>|&&|…)/.test(word));
  return (end < 0 ? words : words.slice(0, end))
    .slice(1)
    .map((word) => word.replaceAll(/["']/g, ""));
}

/** The commands, which parse and do nothing. */
function createIdleProgram(): Command {
  const program = createProgram(() => AbortSignal.timeout(1));
  const silence = (command: Command) => {
    command.action(() => {});
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
    command.commands.forEach(silence);
  };
  for (const command of program.commands) silence(command);
  return program;
}

const knownFlags = new Set<string>();
/** Those of no command: of the cache, of tests, of Compose. */
const knownVariables = new Set([
  ...["ADAEDL_CACHE_DIR", "ADAEDL_REGISTRY", "ADAEDL_VERSION", "ADAEDL_CHROMIUM"],
  ...["ADAEDL_TEST_REDIS_URL", "ADAEDL_SCREENSHOTS"],
  ...["ADAEDL_REQUIRE_DOCKER", "ADAEDL_REQUIRE_BROWSER"],
]);
const collect = (command: Command) => {
  for (const { long, envVar } of command.options) {
    if (long != null) knownFlags.add(long);
    if (envVar !== undefined) knownVariables.add(envVar);
  }
  command.commands.forEach(collect);
};
const program = createIdleProgram();
collect(program);
for (const flag of ["--help", "--version"]) knownFlags.add(flag);

describe("the documentation", () => {
  test("shows commands", () => {
    expect(commands.length).toBeGreaterThan(30);
    expect(flags.length).toBeGreaterThan(30);
  });

  test.each(commands)("$page: $text", async ({ text, isWhole }) => {
    const problem = await createIdleProgram()
      .parseAsync(wordsOf(text), { from: "user" })
      .then(
        () => "",
        (error: Error) => error.message,
      );
    const isMissing = /required option|required argument|argument missing/.test(problem);
    if (isWhole || !isMissing) expect(problem).toBe("");
  });

  test.each(flags)("$page: the flag $text", ({ text }) => {
    expect(knownFlags).toContain(text);
  });

  test.each(pages)("%s: names variables that are read", (page) => {
    const named = textOf(page).match(/\bADAEDL_[A-Z_]*[A-Z]\b(?!_)/g) ?? [];
    expect(named.filter((name) => !knownVariables.has(name))).toEqual([]);
  });

  test.each([
    ["adaedl generate --promt Once", "unknown option"],
    ["adaedl inspct coder-target", "unknown command"],
    ["adaedl advise --draft-ms six", "--draft-ms"],
  ])("a page with %s would be reported", async (text, problem) => {
    await expect(createIdleProgram().parseAsync(wordsOf(text), { from: "user" })).rejects.toThrow(
      problem,
    );
  });
});
