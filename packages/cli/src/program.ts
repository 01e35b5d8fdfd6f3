import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addAdviseCommand } from "./commands/advise.ts";
import { addBenchCommand } from "./commands/bench/bench.ts";
import { addDemoCommand } from "./commands/demo/demo.ts";
import { addDistillCommand } from "./commands/distill.ts";
import { addGenerateCommand } from "./commands/generate.ts";
import { addHealthCommand } from "./commands/health.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addServeCommand } from "./commands/serve/serve.ts";
import { cleanVariables } from "./settings/variables.ts";

const packageFile = new URL("../package.json", import.meta.url);

/** The command tree. @param watch begins to watch for interruption, when a command asks for it */
export function createProgram(watch: () => AbortSignal): Command {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  const program = new Command("adaedl")
    .version(version)
    .description(
      "Lossless speculative decoding: a small model proposes tokens, a big one verifies them.",
    )
    .option("--verbose", "show where an error comes from")
    .addHelpText(
      "after",
      "\nADAEDL_CACHE_DIR is where graphs are built (default: the user's cache folder).",
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} }) // said once, by reportFailure
    .exitOverride();
  addGenerateCommand(program, watch);
  addInspectCommand(program, watch);
  addServeCommand(program);
  addHealthCommand(program, watch);
  addDemoCommand(program, watch);
  addBenchCommand(program, watch);
  addAdviseCommand(program, watch);
  addDistillCommand(program, watch);
  return cleanVariables(program);
}
