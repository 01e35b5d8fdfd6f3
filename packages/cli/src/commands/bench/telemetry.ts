import type { LaunchedStacks, TelemetryOptions } from "@adaedl/bench";
import { examplePrompts } from "@adaedl/example-models";
import type { Command } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { count } from "./shared.ts";
import { openStack, type TelemetrySetting, type TraceCollector } from "./telemetry-stacks.ts";

interface TelemetryCommandOptions {
  readonly streams: number;
  readonly tokens: number;
  readonly requests?: number;
  readonly warmUp?: number;
  readonly launches?: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** The first is what the others are compared with: itself among them, for the noise of all this. */
const settings: readonly TelemetrySetting[] = [
  { name: "off" },
  { name: "off, again" },
  { name: "metrics", hasMetrics: true },
  { name: "metrics, traces", hasMetrics: true, hasTraces: true },
];

/**
 * Both as often as deploy/prometheus asks and OpenTelemetry sends, every 5 s, for a stack that has the machine
 * for itself: here all of them share it, and each streams so much less in that time.
 */
const everyMs = 5_000 * settings.length;

/** Adds `adaedl bench telemetry`. */
export function addBenchTelemetryCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("telemetry")
    .description("what metrics and traces cost the services in processor time")
    .addOption(count("--streams <n>", "of each stack at a time", 8))
    .addOption(count("--tokens <n>", "of each request", 150))
    .addOption(count("--requests <n>", "of each stream (default: 16, with --quick 1)", undefined))
    .addOption(
      count(
        "--warm-up <n>",
        "requests of each stream before those, which do not count (default: 48, with --quick 1)",
        undefined,
      ),
    )
    .addOption(
      count(
        "--launches <n>",
        "of all services; figures are medians of these (default: 3, with --quick 2)",
        undefined,
      ),
    )
    .option("--quick", "a look: less of everything")
    .option("--json", "print one JSON object")
    .action((options: TelemetryCommandOptions) => run(options, watch()));
}

async function run(options: TelemetryCommandOptions, signal: AbortSignal): Promise<void> {
  const { streams, tokens, quick = false } = options;
  const load = {
    numStreams: streams,
    numTokens: tokens,
    numRequests: options.requests ?? (quick ? 1 : 16),
    numWarmUpRequests: options.warmUp ?? (quick ? 1 : 48),
    numLaunches: options.launches ?? (quick ? 2 : 3),
  };
  const results = await measure(load, signal);
  const { renderTelemetry } = await import("../../output/telemetry-table.ts");
  const output = options.json
    ? JSON.stringify({ ...load, ...results })
    : renderTelemetry(results.results, colorsFor(process.stdout));
  process.stdout.write(`${output}\n`);
}

/** @returns what `--json` prints; `traces` are those of all stacks, warming up included */
async function measure(load: Omit<TelemetryOptions, "prompts">, signal: AbortSignal) {
  const { measureTelemetry, openTraceSink, summarizeTelemetry } = await import("@adaedl/bench");
  await using sink = await openTraceSink();
  const bar = createProgressBar(load.numLaunches, "launches");
  let numScrapes = 0;
  const onScraped = (count: number) => {
    numScrapes += count;
  };
  try {
    const samples = await measureTelemetry(
      () => launch({ url: sink.url, delayMs: everyMs }, onScraped, signal),
      { ...load, prompts: examplePrompts("storyteller") },
      signal,
      bar.step,
    );
    return {
      results: summarizeTelemetry(samples.map((of, i) => [settings[i]?.name ?? "", of])),
      numScrapes,
      traces: sink.counts,
    };
  } finally {
    bar.end();
  }
}

/**
 * A stack of each setting, all started at once: of two that are started one after the other, the first one
 * costs 3 % more. Disposing of them throws when a scrape failed.
 * @param onScraped told at the end how often they were
 */
async function launch(
  collector: TraceCollector,
  onScraped: (count: number) => void,
  signal: AbortSignal,
): Promise<LaunchedStacks> {
  const { startScraping } = await import("@adaedl/bench");
  const starting = settings.map((setting) => openStack(setting, collector, signal));
  const started = await Promise.allSettled(starting);
  const opened = started.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const close = () => Promise.all(opened.map((one) => one[Symbol.asyncDispose]()));
  const failed = started.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const addresses = opened.flatMap(({ metrics }) => metrics);
  const scraping = startScraping(addresses, everyMs);
  return {
    stacks: opened.map(({ stack }) => stack),
    async [Symbol.asyncDispose]() {
      scraping[Symbol.dispose]();
      await close();
      onScraped(scraping.numScrapes);
      scraping.check();
    },
  };
}
