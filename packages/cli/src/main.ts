import { Command } from "commander";
import { addDemoCommand } from "./commands/demo.ts";
import { addGenerateCommand } from "./commands/generate.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { reportFailure } from "./fail.ts";
import { watchInterruption } from "./interruption.ts";

const interruption = watchInterruption();
const program = new Command("adaedl")
  .description("Lossless speculative decoding: a small model guesses, a big one decides.")
  .option("--verbose", "show where an error comes from")
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({ outputError: () => {} }) // said once, by reportFailure
  .exitOverride();
addGenerateCommand(program, interruption.signal);
addInspectCommand(program, interruption.signal);
addDemoCommand(program, interruption.signal);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = interruption.exitCode ?? reportFailure(error, program.opts().verbose === true);
}
