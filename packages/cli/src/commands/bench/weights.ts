import type { ForwardsRow, QualityRow, RandomModelSize, Workload } from "@adaedl/bench";
import {
  type ExamplePairName,
  examplePair,
  examplePairNames,
  examplePrompts,
} from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { percent, withUnit } from "../../output/numbers.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { parseNames } from "../../settings/lists.ts";
import { count } from "./shared.ts";

interface WeightsOptions {
  readonly pair: readonly ExamplePairName[];
  readonly maxTokens: number;
  readonly numPrompts: number;
  readonly random: readonly RandomModelSize[];
  readonly rounds: number;
  readonly json?: boolean;
}

const randomSizes: readonly RandomModelSize[] = ["44M", "350M", "1.1B"];

/** Adds `adaedl bench weights`. */
export function addBenchWeightsCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("weights")
    .description("what f32, int8 and int4 weights cost and gain: words, time and size")
    .addOption(
      new Option("--pair <names>", "built-in pairs")
        .argParser(parseNames(examplePairNames))
        .default([...examplePairNames], examplePairNames.join(",")),
    )
    .addOption(count("--max-tokens <n>", "tokens of each text", 160))
    .addOption(count("--num-prompts <n>", "texts of each pair", 8))
    .addOption(
      new Option("--random <sizes>", `random models to time: ${randomSizes.join(",")}`)
        .argParser(parseNames(randomSizes))
        .default(["44M"], "44M"),
    )
    .addOption(count("--rounds <n>", "forwards of each kind", 15))
    .option("--json", "print one JSON object")
    .action((options: WeightsOptions) => run(options, watch()));
}

async function run(options: WeightsOptions, signal: AbortSignal): Promise<void> {
  const { measureForwards, measureQuality } = await import("@adaedl/bench");
  const { maxTokens: numTokens, numPrompts, rounds } = options;
  const workloads = options.pair.map((pair): Workload => {
    const prompts = examplePrompts(pair).slice(0, numPrompts);
    return { pair, ...examplePair(pair), prompts, numTokens };
  });
  const numTexts = workloads.reduce((sum, { prompts }) => sum + prompts.length, 0);
  const bar = createProgressBar(numTexts + rounds * options.random.length, "texts and rounds");
  const work = async () => {
    const quality = await measureQuality(workloads, signal, bar.step);
    const forwards: ForwardsRow[] = [];
    for (const size of options.random)
      forwards.push(...(await measureForwards(size, rounds, signal, bar.step)));
    return { quality, forwards };
  };
  const result = await work().finally(bar.end);
  const output = options.json
    ? JSON.stringify(result)
    : `${await qualityTable(result.quality)}\n\n${await forwardsTable(result.forwards)}`;
  process.stdout.write(`${output}\n`);
}

async function qualityTable(rows: readonly QualityRow[]): Promise<string> {
  const { renderTable } = await import("../../output/table.ts");
  const columns = [
    { heading: "pair", align: "left" },
    { heading: "target", align: "left" },
    ...["perplexity", "f32's token"].map((heading) => ({ heading })),
    ...["f32", "int8", "int4"].map((draft) => ({ heading: `accepted,\ndraft ${draft}` })),
  ] as const;
  const cells = rows.map(({ pair, target, perplexity, agreement, acceptance }) => [
    ...[pair, target, perplexity.toFixed(2)],
    ...[agreement, acceptance.f32, acceptance.int8, acceptance.int4].map(percent),
  ]);
  return renderTable(columns, cells, colorsFor(process.stdout));
}

async function forwardsTable(rows: readonly ForwardsRow[]): Promise<string> {
  const { rowCounts } = await import("@adaedl/bench");
  const { renderTable } = await import("../../output/table.ts");
  const columns = [
    { heading: "model", align: "left" },
    { heading: "weights", align: "left" },
    ...["size", "prepare and open s"].map((heading) => ({ heading })),
    ...rowCounts.map((rows) => ({ heading: `ms of\n${rows} row${rows === 1 ? "" : "s"}` })),
  ] as const;
  const cells = rows.map(({ model, weights, bytes, openMs, forwardMs }) => [
    ...[model, weights, withUnit(bytes, ["B", "kB", "MB", "GB"], 1000)],
    (openMs / 1_000).toFixed(1),
    ...forwardMs.map((ms) => ms.toFixed(2)),
  ]);
  return renderTable(columns, cells, colorsFor(process.stdout));
}
