import { type ExamplePairName, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { spawnService } from "../../remote/spawn-service.ts";
import { parseAddress } from "../../settings/values.ts";
import { count } from "./shared.ts";

interface BenchOptions {
  readonly server?: string;
  readonly pair: ExamplePairName;
  readonly sessions: number;
  readonly maxTokens: number;
  readonly generations: number;
  readonly repetitions: number;
  readonly policies: string;
  readonly json?: boolean;
}

/** Adds `adaedl bench services`. */
export function addBenchServicesCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("services")
    .description("one session against many, and what the services add to a round")
    .addOption(
      new Option("--server <host:port>", "a draft service that runs; default: two processes here")
        .argParser(parseAddress)
        .conflicts("pair"),
    )
    .addOption(
      new Option("--pair <name>", "built-in pair of models")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .option("--policies <a;b>", "stopping policies", "none;static:4;adaedl")
    .addOption(count("--sessions <n>", "sessions at a time", 8))
    .addOption(count("--max-tokens <n>", "output tokens of each", 100))
    .addOption(count("--generations <n>", "of each session, one after the other", 4))
    .addOption(count("--repetitions <n>", "every figure is the median of so many", 7))
    .option("--json", "print one JSON object")
    .action((options: BenchOptions) => run(options, watch()));
}

async function run(options: BenchOptions, signal: AbortSignal): Promise<void> {
  if (options.server !== undefined) return measure(options.server, options, signal);
  const service = ["--pair", options.pair, "--listen", "127.0.0.1:0", "--threads", "1"];
  // What is compared are the policies of the draft service.
  const alone = ["--suffix-tokens", "0"];
  await using verifier = await spawnService(["verifier", ...service, ...alone], signal);
  await using draft = await spawnService(
    ["draft", ...service, "--verifier", verifier.address],
    signal,
  );
  await measure(draft.address, options, signal);
}

async function measure(address: string, options: BenchOptions, signal: AbortSignal): Promise<void> {
  const { benchmarkServices } = await import("@adaedl/bench");
  const { openGenerationClient } = await import("@adaedl/protocol");
  const { renderServices } = await import("../../output/services-table.ts");
  const client = openGenerationClient({ address });
  try {
    const { pair, sessions, maxTokens, generations, repetitions } = options;
    const policies = options.policies.split(";");
    const bar = createProgressBar(policies.length * repetitions, "measurements");
    const results = await benchmarkServices(
      client,
      {
        policies,
        numSessions: sessions,
        maxTokens,
        numGenerations: generations,
        numRepetitions: repetitions,
        prompts: examplePrompts(pair),
      },
      signal,
      bar.step,
    ).finally(bar.end);
    const output = options.json
      ? JSON.stringify({ address, sessions, maxTokens, generations, repetitions, results })
      : renderServices(results, sessions, colorsFor(process.stdout));
    process.stdout.write(`${output}\n`);
  } finally {
    client.close();
  }
}
