import type { LaunchedStacks, TelemetryResult, TraceSink } from "@adaedl/bench";
import { examplePrompts } from "@adaedl/example-models";
import type { Command } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { count } from "./shared.ts";
import {
  type OpenedStack,
  openStack,
  type TelemetrySetting,
  traceDelayMs,
} from "./telemetry-stacks.ts";

interface TelemetryCommandOptions {
  readonly streams: number;
  readonly tokens: number;
  readonly requests?: number;
  readonly launches?: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** What was measured; part of what `--json` prints. */
export interface TelemetryResults {
  readonly results: readonly TelemetryResult[];
  readonly numScrapes: number;
  /** Of all stacks, warming up included. */
  readonly traces: Pick<TraceSink, "numRequests" | "numSpans" | "numBytes">;
}

/** The first is what the others are compared with: itself among them, for the noise of all this. */
const settings: readonly TelemetrySetting[] = [
  { name: "off" },
  { name: "off, again" },
  { name: "metrics", hasMetrics: true },
  { name: "metrics, traces of 10 %", hasMetrics: true, sampling: 0.1 },
  { name: "metrics, traces of all", hasMetrics: true, sampling: 1 },
];

/**
 * All stacks share the machine: for its tokens each is scraped as often as once a second would be if it
 * were alone. Prometheus asks every 15 s or so.
 */
const scrapeEveryMs = 1_000 * settings.length;

/** Adds `adaedl bench telemetry`. */
export function addBenchTelemetryCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("telemetry")
    .description("what metrics and traces cost the services in processor time")
    .addOption(count("--streams <n>", "of each stack at a time", 8))
    .addOption(count("--tokens <n>", "of each request", 150))
    .addOption(
      count(
        "--requests <n>",
        "of each stream, after as many that do not count (default: 4, with --quick 1)",
        undefined,
      ),
    )
    .addOption(
      count(
        "--launches <n>",
        "of all services; figures are medians of these (default: 10, with --quick 2)",
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
    numRequests: options.requests ?? (quick ? 1 : 4),
    numLaunches: options.launches ?? (quick ? 2 : 10),
  };
  const results = await measure(load, signal);
  const { renderTelemetry } = await import("../../output/telemetry-table.ts");
  const output = options.json
    ? JSON.stringify({ ...load, ...results })
    : renderTelemetry(results.results, colorsFor(process.stdout));
  process.stdout.write(`${output}\n`);
}

interface Load {
  readonly numStreams: number;
  readonly numTokens: number;
  readonly numRequests: number;
  readonly numLaunches: number;
}

async function measure(load: Load, signal: AbortSignal): Promise<TelemetryResults> {
  const { measureTelemetry, openTraceSink, summarizeTelemetry } = await import("@adaedl/bench");
  await using sink = await openTraceSink();
  const bar = createProgressBar(load.numLaunches, "launches");
  let numScrapes = 0;
  const onScraped = (count: number) => {
    numScrapes += count;
  };
  try {
    const samples = await measureTelemetry(
      (number) => launch(number, sink.url, onScraped, signal),
      { ...load, prompts: examplePrompts("storyteller"), settleMs: 1.2 * traceDelayMs },
      signal,
      bar.step,
    );
    const { numRequests, numSpans, numBytes } = sink;
    return {
      results: summarizeTelemetry(samples.map((of, i) => [settings[i]?.name ?? "", of])),
      numScrapes,
      traces: { numRequests, numSpans, numBytes },
    };
  } finally {
    bar.end();
  }
}

/**
 * A stack of each setting. Every other time they are started in the opposite order: of two stacks, the
 * one that is started first costs 3 % more. Disposing of them throws when a scrape failed.
 * @param onScraped told at the end how often they were
 */
async function launch(
  number: number,
  collectorUrl: string,
  onScraped: (count: number) => void,
  signal: AbortSignal,
): Promise<LaunchedStacks> {
  const { startScraping } = await import("@adaedl/bench");
  const order = number % 2 === 0 ? settings : settings.toReversed();
  const running = new Map<TelemetrySetting, OpenedStack>();
  const close = () => Promise.all([...running.values()].map((one) => one[Symbol.asyncDispose]()));
  try {
    for (const setting of order)
      running.set(setting, await openStack(setting, collectorUrl, signal));
  } catch (error) {
    await close();
    throw error;
  }
  const opened = settings.flatMap((setting) => running.get(setting) ?? []);
  const addresses = opened.flatMap(({ metrics }) => metrics);
  const scraping = startScraping(addresses, scrapeEveryMs);
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
