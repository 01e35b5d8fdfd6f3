import { once } from "node:events";
import { AdaedlError, type CommittedToken } from "@adaedl/core";
import { type ExamplePairName, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { asRequest, exitCodes } from "../fail.ts";
import type { Generation } from "../generation.ts";
import { parseCount } from "../input/numbers.ts";
import { colorsFor } from "../output/colors.ts";
import { explainSpeed, measuredRun } from "../output/explain-speed.ts";
import { createTextWriter, originLegend } from "../output/text-writer.ts";
import { generateRemotely } from "../remote/generate-remotely.ts";
import { type OpenPair, openPair } from "../remote/open-pair.ts";
import { type SpawnedService, spawnService } from "../remote/spawn-service.ts";
import { type EmulatedTimes, emulatedTimeOptions, sayEmulated } from "../settings/emulated-time.ts";
import { parseFrom } from "../settings/values.ts";

interface DemoOptions extends EmulatedTimes {
  readonly once?: boolean;
  readonly pair: ExamplePairName;
  readonly maxTokens: number;
  readonly rttMs: number;
}

const policies = ["none", "static:5", "adaedl"];
const shownPolicy = "adaedl";
const warmUpTokens = 24;
/** Without quotes of either kind: they stand in a shell's. */
const askedPrompts: Readonly<Record<ExamplePairName, string>> = {
  storyteller: "The captain looked at the letter and",
  coder: "def read_lines(path):",
};
const usualAddress = "127.0.0.1:8080";

/** Adds `adaedl demo`, which `npm start` runs. */
export function addDemoCommand(program: Command, watch: () => AbortSignal): void {
  const command = program
    .command("demo")
    .description("all services with a network between them: what it costs, and a page to try it")
    .addOption(new Option("--once", "exit when the table is there").env("ADAEDL_ONCE"))
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
  for (const option of emulatedTimeOptions()) command.addOption(option);
  command.action((options: DemoOptions) => demo(options, watch()));
}

async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const { pair, rttMs } = options;
  const out = process.stdout;
  out.write(`Starting a verifier and a draft service, ${rttMs} ms apart (emulated).\n`);
  const emulated = sayEmulated(options);
  out.write(emulated === undefined ? "\n" : `${emulated}\n\n`);
  await using services = await openPair(pair, rttMs, signal, options);
  await showComparison(options, services, signal);
  if (options.once) return;
  // Only now: what was measured had the machine to itself.
  out.write("\nStarting the playground and the other built-in pair.\n");
  const otherPair = examplePairNames.find((name) => name !== pair) ?? pair;
  await using otherServices = await openPair(otherPair, rttMs, signal, options);
  const draftServices = [services, otherServices].map(({ draftAddress }) => draftAddress);
  await using gateway = await openGateway(draftServices, signal);
  const { address } = gateway;
  out.write(
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

function promptOf(pair: ExamplePairName): string {
  return examplePrompts(pair)[0] ?? "";
}

async function showComparison(
  { pair, maxTokens }: DemoOptions,
  services: OpenPair,
  signal: AbortSignal,
): Promise<void> {
  const { renderComparison } = await import("../output/comparison-table.ts");
  const out = process.stdout;
  const colors = colorsFor(out);
  const [draftName, targetName] = [`${pair}-draft`, `${pair}-target`].map(colors.bold);
  out.write(
    [
      `${draftName} drafts at ${services.draftAddress} (process 1),`,
      `${targetName} verifies at ${services.verifierAddress} (process 2).\n\n`,
    ].join("\n"),
  );

  const text = promptOf(pair);
  const common = { prompt: { type: "text" as const, text }, seed: 1, ignoreEos: true };
  const run = async (
    policy: string,
    maxTokens: number,
    onToken?: (token: CommittedToken) => void,
  ) => {
    const request = { ...common, policy, maxTokens, sampling: { temperature: 0.7 } };
    const generate = () => generateRemotely(services.client, request, signal, undefined, onToken);
    return (await asRequest(generate)).generation;
  };
  // Not measured: the first forwards of a process are slow, whosever turn it is.
  for (const policy of policies) await run(policy, Math.min(warmUpTokens, maxTokens));

  const generations = new Map<string, Generation>();
  for (const policy of policies) {
    if (policy !== shownPolicy) {
      generations.set(policy, await run(policy, maxTokens));
      continue;
    }
    const writer = createTextWriter(out, true);
    writer.prompt(text);
    generations.set(policy, await run(policy, maxTokens, writer.token).finally(writer.end));
  }
  checkSameTokens(generations);
  const lines = [
    ...(colors.isColorSupported ? [originLegend(colors)] : []),
    "",
    renderComparison(generations, colors),
    "",
    `The same ${maxTokens} tokens three times: speculation changes the speed, never the words.`,
    ...speedOf(generations),
  ];
  out.write(`${lines.join("\n")}\n`);
}

function speedOf(generations: ReadonlyMap<string, Generation>): readonly string[] {
  const [plain, drafted] = ["none", shownPolicy].map((policy) => generations.get(policy));
  if (plain === undefined || drafted === undefined) return [];
  return explainSpeed(shownPolicy, measuredRun(drafted), measuredRun(plain));
}

/** What makes speculation lossless is checked before it is said. */
function checkSameTokens(generations: ReadonlyMap<string, Generation>): void {
  const plain = generations.get("none")?.tokenIds ?? [];
  for (const [policy, { tokenIds }] of generations) {
    const same = tokenIds.length === plain.length && tokenIds.every((id, i) => id === plain[i]);
    if (!same) throw new AdaedlError("internal", `${policy} and none decoded different tokens`);
  }
}
