import type { LoadRow, Workload } from "@adaedl/bench";
import {
  type ExamplePairName,
  examplePair,
  examplePairNames,
  examplePrompts,
} from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { costOptions, type GivenCosts } from "../../settings/costs.ts";
import { parseNames, parsePolicies, parseWholeNumbers } from "../../settings/lists.ts";
import { parseFrom } from "../../settings/values.ts";
import { count } from "./shared.ts";

interface LoadOptions extends Required<GivenCosts> {
  readonly pair: readonly ExamplePairName[];
  readonly policies: readonly string[];
  readonly sessions: readonly number[];
  readonly rttMs: number;
  readonly seconds: number;
  readonly json?: boolean;
}

const temperature = 0.7;
/** Of each text. */
const numTokens = 160;
/** On the clock, before anything is measured. */
const warmUpMs = 20_000;

/** Adds `adaedl bench load`. */
export function addBenchLoadCommand(bench: Command, watch: () => AbortSignal): void {
  const [draftMs, verifyMs] = costOptions();
  bench
    .command("load")
    .description("many sessions on one target, by the virtual clock")
    .addOption(
      new Option("--pair <names>", "built-in pairs, whose texts take turns")
        .argParser(parseNames(examplePairNames))
        .default([...examplePairNames], examplePairNames.join(",")),
    )
    .addOption(
      new Option("--policies <list>", "policies")
        .argParser(parsePolicies())
        .default(["none", "stream"], "none,stream"),
    )
    .addOption(
      new Option("--sessions <list>", "sessions at a time")
        .argParser(parseWholeNumbers(1, 256))
        .default([1, 4, 16, 64], "1,4,16,64"),
    )
    .addOption(draftMs.default({ draftMs: 6 }, "6"))
    .addOption(verifyMs.default({ verifyBaseMs: 30, verifyTokenMs: 1 }, "30+1"))
    .addOption(
      new Option("--rtt-ms <ms>", "round trip").argParser(parseFrom(0, 10_000)).default(40),
    )
    .addOption(count("--seconds <n>", "measured, on the clock", 40))
    .option("--json", "print one JSON object")
    .action((options: LoadOptions) => run(options, watch()));
}

async function run(options: LoadOptions, signal: AbortSignal): Promise<void> {
  const { compareLoad } = await import("@adaedl/bench");
  const { renderLoad } = await import("../../output/load-table.ts");
  const { policies, sessions: sessionCounts, draftMs, verifyMs, rttMs, seconds } = options;
  const workloads = options.pair.map((pair): Workload => {
    return { pair, ...examplePair(pair), prompts: examplePrompts(pair).slice(0, 16), numTokens };
  });
  const costs = { ...draftMs, ...verifyMs, rttMs };
  const bar = createProgressBar(policies.length * sessionCounts.length, "measurements");
  const rows: LoadRow[] = await compareLoad(
    workloads,
    { policies, sessionCounts, costs, temperature, warmUpMs, measuredMs: 1000 * seconds },
    signal,
    bar.step,
  ).finally(bar.end);
  const output = options.json
    ? JSON.stringify({ costs, temperature, seconds, rows })
    : renderLoad(rows, colorsFor(process.stdout));
  process.stdout.write(`${output}\n`);
}
