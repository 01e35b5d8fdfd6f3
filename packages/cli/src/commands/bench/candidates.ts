import type { Workload } from "@adaedl/bench";
import {
  type ExamplePairName,
  examplePair,
  examplePairNames,
  examplePrompts,
} from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { percent } from "../../output/numbers.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { parseNames, parseNumbers } from "../../settings/lists.ts";
import { count } from "./shared.ts";

interface CandidatesOptions {
  readonly pair: readonly ExamplePairName[];
  readonly temperatures: readonly number[];
  readonly maxTokens: number;
  readonly numPrompts: number;
  readonly json?: boolean;
}

/** Adds `adaedl bench candidates`. */
export function addBenchCandidatesCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("candidates")
    .description("how often the target's token is among several candidates, by how they are drawn")
    .addOption(
      new Option("--pair <names>", "built-in pairs")
        .argParser(parseNames(examplePairNames))
        .default([...examplePairNames], examplePairNames.join(",")),
    )
    .addOption(
      new Option("--temperatures <list>", "of target and draft")
        .argParser(parseNumbers(0.1, 2))
        .default([0.7, 1], "0.7,1"),
    )
    .addOption(count("--max-tokens <n>", "tokens of each text", 96))
    .addOption(count("--num-prompts <n>", "texts of each pair", 8))
    .option("--json", "print one JSON object")
    .action((options: CandidatesOptions) => run(options, watch()));
}

async function run(options: CandidatesOptions, signal: AbortSignal): Promise<void> {
  const { compareCandidates } = await import("@adaedl/bench");
  const { temperatures, maxTokens: numTokens, numPrompts } = options;
  const workloads = options.pair.map((pair): Workload => {
    const prompts = examplePrompts(pair).slice(0, numPrompts);
    return { pair, ...examplePair(pair), prompts, numTokens };
  });
  const bar = createProgressBar(workloads.length * temperatures.length, "pairs and temperatures");
  const rows = await compareCandidates(workloads, temperatures, signal, bar.step).finally(bar.end);
  const lines = rows.flatMap(({ pair, temperature, sharedNoise, recursiveRejection }) =>
    Object.entries({
      "shared noise": sharedNoise,
      "recursive rejection": recursiveRejection,
    }).map(([rule, rates]) => [pair, String(temperature), rule, ...rates.map(percent)]),
  );
  const columns = [
    { heading: "pair", align: "left" },
    { heading: "T" },
    { heading: "candidates by", align: "left" },
    ...["1", "2", "3", "4"].map((heading) => ({ heading })),
  ] as const;
  const { renderTable } = await import("../../output/table.ts");
  process.stdout.write(
    `${options.json ? JSON.stringify({ rows }) : renderTable(columns, lines, colorsFor(process.stdout))}\n`,
  );
}
