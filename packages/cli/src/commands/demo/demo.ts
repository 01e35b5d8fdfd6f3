import { once } from "node:events";
import { type ExamplePairName, examplePairNames } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { exitCodes } from "../../fail.ts";
import { parseCount } from "../../input/numbers.ts";
import { openPair } from "../../remote/open-pair.ts";
import { type SpawnedService, spawnService } from "../../remote/spawn-service.ts";
import {
  type EmulatedTimes,
  emulatedTimeOptions,
  sayEmulated,
} from "../../settings/emulated-time.ts";
import { parseFrom } from "../../settings/values.ts";
import { type PairWeights, weightOptions } from "../../settings/weights.ts";

interface DemoOptions extends Required<EmulatedTimes>, PairWeights {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly pair: ExamplePairName;
  readonly maxTokens: number;
  readonly rttMs: number;
}

/** Without quotes of either kind: they stand in a shell's. */
const askedPrompts: Readonly<Record<ExamplePairName, string>> = {
  storyteller: "The captain looked at the letter and",
  coder: "def read_lines(path):",
};
const usualAddress = "127.0.0.1:8080";
/** A target of 7 billion weights on a GPU, and a draft model on a laptop. */
const usualTimes: Required<EmulatedTimes> = { emulateForwardMs: "30+1", emulateDraftMs: "6" };

/** Adds `adaedl demo`, which `npm start` runs. */
export function addDemoCommand(program: Command, watch: () => AbortSignal): void {
  const command = program
    .command("demo")
    .description("all services with a network between them: what drafts gain, and a page to try it")
    .addOption(new Option("--once", "exit when the table is there").env("ADAEDL_ONCE"))
    .option("--json", "print the rows of the table as one JSON object, and exit")
    .addOption(
      new Option("--pair <name>", "built-in pair of models")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .addOption(new Option("--max-tokens <n>", "output tokens").argParser(parseCount).default(160))
    .addOption(
      new Option("--rtt-ms <ms>", "emulated round trip between the two services")
        .argParser(parseFrom(0, 10_000))
        .default(40),
    );
  for (const option of weightOptions()) command.addOption(option);
  for (const option of emulatedTimeOptions())
    command.addOption(option.default(usualTimes[option.attributeName() as keyof EmulatedTimes]));
  command.action((options: DemoOptions) => demo(options, watch()));
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const { pair, rttMs, maxTokens, emulateForwardMs, emulateDraftMs } = options;
  const isQuiet = options.json === true;
  const say = (text: string) => void (isQuiet || process.stdout.write(text));
  const lines = [
    `Starting a verifier and a draft service, ${rttMs} ms apart (emulated).`,
    sayEmulated(options) ?? "Model time is that of this machine.",
  ];
  say(`${lines.join("\n")}\n\n`);
  const { comparePolicies } = await import("./compare-policies.ts");
  await using services = await openPair(pair, rttMs, signal, options);
  const rows = await comparePolicies({ pair, maxTokens, isQuiet }, services, signal);
  if (isQuiet) {
    const setting = { pair, maxTokens, rttMs, emulateForwardMs, emulateDraftMs };
    process.stdout.write(`${JSON.stringify({ ...setting, rows })}\n`);
  }
  if (options.once || isQuiet) return;
  // Only now: what was measured had the machine to itself.
  say("\nStarting the playground and the other built-in pair.\n");
  const otherPair = examplePairNames.find((name) => name !== pair) ?? pair;
  await using otherServices = await openPair(otherPair, rttMs, signal, options);
  const draftServices = [services, otherServices].map(({ draftAddress }) => draftAddress);
  await using gateway = await openGateway(draftServices, signal);
  const { address } = gateway;
  say(
    [
      "",
      `See it happen: http://${address}/`,
      `It serves both built-in pairs, ${pair} and ${otherPair}. Ask as with OpenAI:`,
      `  curl http://${address}/v1/completions -H 'content-type: application/json' \\`,
      `    -d '{"model": "${pair}-target", "prompt": ${JSON.stringify(askedPrompts[pair])}, "max_tokens": 60}'`,
      "Ctrl-C ends it.",
      "",
    ].join("\n"),
  );
  if (!signal.aborted) await once(signal, "abort");
  process.exitCode = exitCodes.ok; // this is how it ends
}

/** At the usual port, or at a free one where that is taken. */
async function openGateway(
  draftServices: readonly string[],
  signal: AbortSignal,
): Promise<SpawnedService> {
  const towards = ["--draft-service", draftServices.join(",")];
  const open = (listen: string) =>
    spawnService(["gateway", "--listen", listen, ...towards], signal);
  return open(usualAddress).catch(() => open("127.0.0.1:0"));
}
