import { AdaedlError, type CommittedToken } from "@adaedl/core";
import { type ExamplePairName, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { asRequest } from "../fail.ts";
import type { Generation } from "../generation.ts";
import { parseCount } from "../input/numbers.ts";
import { colorsFor } from "../output/colors.ts";
import { createTextWriter, originLegend } from "../output/text-writer.ts";
import { generateRemotely } from "../remote/generate-remotely.ts";
import { openPair } from "../remote/open-pair.ts";
import { parseFrom } from "../settings/values.ts";

interface DemoOptions {
  readonly pair: ExamplePairName;
  readonly maxTokens: number;
  readonly rttMs: number;
}

const policies = ["none", "static:5", "adaedl"];
const shownPolicy = "adaedl";
const warmUpTokens = 24;

/** Adds `adaedl demo`, which `npm start` runs. */
export function addDemoCommand(program: Command, watch: () => AbortSignal): void {
  program
    .command("demo")
    .description("a verifier and a draft service with a network between them, and what it costs")
    .option("--once", "run once and exit (what it always does)")
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
    )
    .action((options: DemoOptions) => demo(options, watch()));
}

async function demo({ pair, maxTokens, rttMs }: DemoOptions, signal: AbortSignal): Promise<void> {
  const { renderComparison } = await import("../output/comparison-table.ts");
  const out = process.stdout;
  const colors = colorsFor(out);
  const [draftName, targetName] = [`${pair}-draft`, `${pair}-target`].map(colors.bold);
  await using services = await openPair(pair, rttMs, signal);
  out.write(
    [
      `${draftName} guesses at ${services.draftAddress} (process 1),`,
      `${targetName} decides at ${services.verifierAddress} (process 2),`,
      `${rttMs} ms away.\n\n`,
    ].join("\n"),
  );

  const text = examplePrompts(pair)[0] ?? "";
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
    "Plain text streams from the verifier in one round trip, at one target forward a token; guesses",
    "save target forwards, a big target's cost, and pay round trips. AdaEDL drafts as long as it pays.",
  ];
  out.write(`${lines.join("\n")}\n`);
}

/** What makes speculation lossless is checked before it is said. */
function checkSameTokens(generations: ReadonlyMap<string, Generation>): void {
  const plain = generations.get("none")?.tokenIds ?? [];
  for (const [policy, { tokenIds }] of generations) {
    const same = tokenIds.length === plain.length && tokenIds.every((id, i) => id === plain[i]);
    if (!same) throw new AdaedlError("internal", `${policy} and none decoded different tokens`);
  }
}
