import type {
  ForwardsResult,
  MeasureApart,
  QualityRow,
  RandomModelSize,
  WeightsRow,
  Workload,
} from "@adaedl/bench";
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
import { runApart } from "../../remote/run-apart.ts";
import { parseNames } from "../../settings/lists.ts";
import {
  bytesText,
  forwardsOptions,
  type MeasuredForwards,
  measuredOf,
  openingText,
} from "./forwards.ts";
import { count } from "./shared.ts";

interface WeightsOptions extends MeasuredForwards {
  readonly pair: readonly ExamplePairName[];
  readonly maxTokens: number;
  readonly numPrompts: number;
  readonly random: readonly RandomModelSize[];
  readonly json?: boolean;
}

const randomSizes: readonly RandomModelSize[] = ["44M", "350M", "1.1B"];

/** Adds `adaedl bench weights`. */
export function addBenchWeightsCommand(bench: Command, watch: () => AbortSignal): void {
  const command = bench
    .command("weights")
    .description("what f32, int8 and int4 weights cost and gain: words, time and memory")
    .addOption(
      new Option("--pair <names>", "built-in pairs")
        .argParser(parseNames(examplePairNames))
        .default([...examplePairNames], examplePairNames.join(",")),
    )
    .addOption(count("--max-tokens <n>", "tokens of each text", 160))
    .addOption(count("--num-prompts <n>", "texts of each pair; 0: none", 8, 0))
    .addOption(
      new Option("--random <sizes>", `random models to time: ${randomSizes.join(",")}`)
        .argParser(parseNames(randomSizes))
        .default(["44M"], "44M"),
    );
  for (const option of forwardsOptions()) command.addOption(option);
  command
    .option("--json", "print one JSON object")
    .action((options: WeightsOptions) => run(options, watch()));
}

async function run(options: WeightsOptions, signal: AbortSignal): Promise<void> {
  const { measureQuality, measureWeights } = await import("@adaedl/bench");
  const { maxTokens: numTokens, numPrompts } = options;
  const workloads = options.pair.map((pair): Workload => {
    const prompts = examplePrompts(pair).slice(0, numPrompts);
    return { pair, ...examplePair(pair), prompts, numTokens };
  });
  const numTexts = workloads.reduce((sum, { prompts }) => sum + prompts.length, 0);
  const bar = createProgressBar(numTexts + 6 * options.random.length, "texts and launches");
  const work = async () => {
    const quality = numTexts === 0 ? [] : await measureQuality(workloads, signal, bar.step);
    const costs: WeightsRow[] = [];
    for (const size of options.random)
      costs.push(
        ...(await measureWeights(size, measuredOf(options), measureApart, signal, bar.step)),
      );
    return { quality, costs };
  };
  const result = await work().finally(bar.end);
  const tables = async () => [
    ...(numTexts === 0 ? [] : [await qualityTable(result.quality)]),
    await costsTable(result.costs),
    await forwardsTable(result.costs),
  ];
  const output = options.json ? JSON.stringify(result) : (await tables()).join("\n\n");
  process.stdout.write(`${output}\n`);
}

/** By `adaedl bench forwards`, so that a model's memory is nobody else's. */
const measureApart: MeasureApart = async (options, signal) => {
  const lists = {
    ...{ contexts: options.contextLengths, rows: options.rowCounts },
    sessions: options.sessionCounts,
    ...{ rounds: [options.numRounds], threads: [options.numThreads], weights: [options.weights] },
  };
  const flags = Object.entries(lists).flatMap(([name, values]) => [`--${name}`, values.join()]);
  const args = ["bench", "forwards", options.directory, "--json", ...flags];
  const output = await runApart(args, signal, { ADAEDL_CACHE_DIR: options.cacheDirectory });
  return JSON.parse(output) as ForwardsResult;
};

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

async function costsTable(rows: readonly WeightsRow[]): Promise<string> {
  const { renderTable } = await import("../../output/table.ts");
  const columns = [
    { heading: "model", align: "left" },
    { heading: "weights", align: "left" },
    ...["on disk", "built in s\n(processor)", "opened in s\n(processor)", "while\nbuilding"].map(
      (heading) => ({ heading }),
    ),
    ...["memory of\nits own", "mapped", "tokens/s"].map((heading) => ({ heading })),
  ] as const;
  const cells = rows.map((row) => [
    ...[row.model, row.weights, bytesText(row.diskBytes)],
    ...[openingText(row.coldOpening), openingText(row.warmOpening)],
    bytesText(row.coldOpening.peakBytes),
    ...[bytesText(row.memory?.ownBytes), bytesText(row.memory?.mappedBytes)],
    row.tokensPerSecond.toFixed(1),
  ]);
  return renderTable(columns, cells, colorsFor(process.stdout));
}

/** ms of each kind of forward. */
async function forwardsTable(rows: readonly WeightsRow[]): Promise<string> {
  const { renderTable } = await import("../../output/table.ts");
  const kinds = rows[0]?.forwards ?? [];
  const columns = [
    { heading: "model", align: "left" },
    { heading: "weights", align: "left" },
    ...kinds.map(({ contextLength, numSessions, numRows }) => ({
      heading: `${contextLength} tokens\n${numSessions} × ${numRows}`,
    })),
  ] as const;
  const cells = rows.map(({ model, weights, forwards }) => [
    ...[model, weights],
    ...forwards.map(({ ms }) => ms.toFixed(2)),
  ]);
  return renderTable(columns, cells, colorsFor(process.stdout));
}
