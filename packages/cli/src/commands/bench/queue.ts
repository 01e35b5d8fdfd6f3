import type { QueueResult } from "@adaedl/bench";
import type { Command } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { ratio } from "../../output/numbers.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { setting } from "../../settings/setting.ts";
import { count } from "./shared.ts";

interface QueueOptions {
  readonly redisUrl: string;
  readonly rounds: number;
  readonly repetitions: number;
  readonly json?: boolean;
}

const inFlight = [1, 16, 64];

/** Adds `adaedl bench queue`. */
export function addBenchQueueCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("queue")
    .description("what the way through Redis adds to a round")
    .addOption(setting("--redis-url <url>", "the Redis to measure").makeOptionMandatory())
    .addOption(count("--rounds <n>", "of each measurement", 2_000))
    .addOption(count("--repetitions <n>", "every figure is the median of so many", 7))
    .option("--json", "print one JSON object")
    .action((options: QueueOptions) => run(options, watch()));
}

async function run(options: QueueOptions, signal: AbortSignal): Promise<void> {
  const { redisUrl, rounds, repetitions } = options;
  const { benchmarkQueue } = await import("@adaedl/bench");
  // The first repetition warms up.
  const bar = createProgressBar(inFlight.length * (repetitions + 1), "measurements");
  const results = await benchmarkQueue(
    { redisUrl, inFlight, numRounds: rounds, numRepetitions: repetitions },
    signal,
    bar.step,
  ).finally(bar.end);
  const output = options.json
    ? JSON.stringify({ rounds, repetitions, results })
    : await render(results);
  process.stdout.write(`${output}\n`);
}

async function render(results: readonly QueueResult[]): Promise<string> {
  const { renderTable } = await import("../../output/table.ts");
  const columns = [
    { heading: "rounds\nin flight" },
    { heading: "Redis adds\nms, median" },
    { heading: "ms, p99" },
    { heading: "rounds/s\nRedis" },
    { heading: "\nmemory" },
  ];
  const rows = results.map(({ inFlight, memory, redis }) => [
    String(inFlight),
    ratio(redis.medianMs - memory.medianMs),
    ratio(redis.p99Ms - memory.p99Ms),
    ratio(redis.roundsPerSecond),
    ratio(memory.roundsPerSecond),
  ]);
  return renderTable(columns, rows, colorsFor(process.stdout));
}
