import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addAdviseCommand } from "./commands/advise.ts";
import { addBenchCommand } from "./commands/bench/bench.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addGenerateCommand } from "./commands/generate.ts";
import { addHealthCommand } from "./commands/health.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addServeCommand } from "./commands/serve/serve.ts";
import { reportFailure } from "./fail.ts";
import { createInterruption } from "./interruption.ts";

const interruption = createInterruption();
const packageFile = new URL("../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
const program = new Command("adaedl")
  .version(version)
  .description("Lossless speculative decoding: a small model guesses, a big one decides.")
  .option("--verbose", "show where an error comes from")
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({ outputError: () => {} }) // said once, by reportFailure
  .exitOverride();
addGenerateCommand(program, interruption.watch);
addInspectCommand(program, interruption.watch);
addServeCommand(program);
addHealthCommand(program, interruption.watch);
addDemoCommand(program, interruption.watch);
addBenchCommand(program, interruption.watch);
addAdviseCommand(program, interruption.watch);

try {
  await program.parseAsync();
} catch (error) {
  if (!interruption.isInterrupted)
    process.exitCode = reportFailure(error, program.opts().verbose === true);
}
