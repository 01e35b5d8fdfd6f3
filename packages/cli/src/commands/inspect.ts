import type { Command } from "commander";
import { exitCodes } from "../fail.ts";
import { modelDirectory } from "../models.ts";
import { colorsFor } from "../output/colors.ts";
import { renderReport } from "../output/report-table.ts";

/** Adds `adaedl inspect`. Exits with 1 when the model will not run. */
export function addInspectCommand(program: Command, watch: () => AbortSignal): void {
  program
    .command("inspect")
    .description("say what a model directory is and whether it will run")
    .argument("<dir>", "a model directory, or a built-in name such as storyteller-target")
    .option("--json", "print one JSON object")
    .action(async (name: string, { json = false }: { json?: boolean }) => {
      const { inspectModel } = await import("../inspection/inspect-model.ts");
      const report = await inspectModel(modelDirectory(name), watch());
      const output = json
        ? JSON.stringify(report)
        : renderReport(report, colorsFor(process.stdout));
      process.stdout.write(`${output}\n`);
      if (!report.runs) process.exitCode = exitCodes.failure;
    });
}
