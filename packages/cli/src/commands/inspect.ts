import type { Command } from "commander";
import { exitCodes } from "../fail.ts";
import type { MatchReport } from "../inspection/match-with.ts";
import { modelDirectory } from "../models.ts";
import { colorsFor } from "../output/colors.ts";
import { renderReport } from "../output/report-table.ts";

interface Options {
  readonly json?: boolean;
  readonly against?: string;
}

/** Adds `adaedl inspect`. Exits with 1 when the model will not run. */
export function addInspectCommand(program: Command, watch: () => AbortSignal): void {
  program
    .command("inspect")
    .description("say what a model directory is and whether it will run")
    .argument("<dir>", "a model directory, or a built-in name such as storyteller-target")
    .option("--against <dir>", "its target: how often both choose the same token")
    .option("--json", "print one JSON object")
    .action(async (name: string, { json = false, against }: Options) => {
      const { inspectModel } = await import("../inspection/inspect-model.ts");
      const [directory, signal] = [modelDirectory(name), watch()];
      const model = await inspectModel(directory, signal);
      let match: MatchReport | null = null;
      if (against !== undefined && model.runs) {
        const { matchWith } = await import("../inspection/match-with.ts");
        match = await matchWith(against, directory, signal);
      }
      const report = { ...model, match };
      const output = json
        ? JSON.stringify(report)
        : renderReport(report, colorsFor(process.stdout));
      process.stdout.write(`${output}\n`);
      if (!report.runs) process.exitCode = exitCodes.failure;
    });
}
