import type { ForwardsOptions, ForwardsResult, Opening } from "@adaedl/bench";
import { type WeightPrecision, weightPrecisions } from "@adaedl/core";
import { type Command, Option } from "commander";
import { modelDirectory } from "../../models.ts";
import { colorsFor } from "../../output/colors.ts";
import { withUnit } from "../../output/numbers.ts";
import { parseWholeNumbers } from "../../settings/lists.ts";
import { count } from "./shared.ts";

export interface MeasuredForwards {
  readonly contexts: readonly number[];
  readonly rows: readonly number[];
  readonly sessions: readonly number[];
  readonly rounds: number;
  readonly threads: number;
}

interface GivenOptions extends MeasuredForwards {
  readonly weights: WeightPrecision;
  readonly json?: boolean;
}

/** The options that say what is measured. */
export function forwardsOptions(): Option[] {
  const list = (flags: string, description: string, most: number, values: readonly number[]) =>
    new Option(flags, description)
      .argParser(parseWholeNumbers(1, most))
      .default(values, values.join(","));
  return [
    list("--rows <list>", "rows of a forward of one session", 256, [1, 2, 4, 8, 16]),
    list("--sessions <list>", "sessions with a row each in a forward", 256, [1]),
    list("--contexts <list>", "tokens before them, ascending; sessions: the first", 1e6, [128]),
    count("--rounds <n>", "forwards of each kind", 15),
    count("--threads <n>", "threads of a forward", 1),
  ];
}

/** Adds `adaedl bench forwards`. */
export function addBenchForwardsCommand(bench: Command, watch: () => AbortSignal): void {
  const command = bench
    .command("forwards")
    .description(
      "what a model's forwards cost here: time by rows, sessions and context, and memory",
    )
    .argument("<dir>", "a model directory, or a built-in name such as storyteller-target")
    .addOption(
      new Option("--weights <precision>", "precision of its weights")
        .choices(weightPrecisions)
        .default("f32"),
    );
  for (const option of forwardsOptions()) command.addOption(option);
  command
    .option("--json", "print one JSON object")
    .action(async (name: string, options: GivenOptions) => {
      const { measureForwards } = await import("@adaedl/bench");
      const { weights, json } = options;
      const model = { directory: modelDirectory(name), weights };
      const result = await measureForwards({ ...model, ...measuredOf(options) }, watch());
      process.stdout.write(`${json ? JSON.stringify(result) : await renderForwards(result)}\n`);
    });
}

export function measuredOf(
  options: MeasuredForwards,
): Omit<ForwardsOptions, "directory" | "weights" | "cacheDirectory"> {
  return {
    contextLengths: options.contexts,
    rowCounts: options.rows,
    sessionCounts: options.sessions,
    numRounds: options.rounds,
    numThreads: options.threads,
  };
}

async function renderForwards(result: ForwardsResult): Promise<string> {
  const { renderTable } = await import("../../output/table.ts");
  const columns = ["context", "sessions", "rows of each", "ms"].map((heading) => ({ heading }));
  const cells = result.forwards.map(({ contextLength, numSessions, numRows, ms }) => [
    ...[contextLength, numSessions, numRows].map(String),
    ms.toFixed(2),
  ]);
  const facts = [
    `opened in ${openingText(result.opening)} s`,
    `${result.tokensPerSecond.toFixed(1)} tokens/s one by one`,
    `${bytesText(result.memory?.ownBytes)} of its own`,
    `${bytesText(result.memory?.mappedBytes)} of mapped files`,
  ];
  return `${renderTable(columns, cells, colorsFor(process.stdout))}\n${facts.join(" · ")}`;
}

/** Seconds by the clock, and of processor time. */
export function openingText({ ms, processorMs }: Opening): string {
  return `${(ms / 1_000).toFixed(1)} (${(processorMs / 1_000).toFixed(1)})`;
}

/** "–" where nobody knows. */
export function bytesText(bytes: number | undefined): string {
  return bytes === undefined ? "–" : withUnit(bytes, ["B", "kB", "MB", "GB"], 1000);
}
