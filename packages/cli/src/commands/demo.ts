import { AdaedlError, type CommittedToken } from "@adaedl/core";
import { openSpeculator, parseGenerationRequest, readTargetFacts } from "@adaedl/engine";
import { type ExamplePairName, examplePairNames, examplePrompts } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { asRequest } from "../fail.ts";
import { type Generation, runGeneration } from "../generation.ts";
import { parseCount } from "../input/numbers.ts";
import { chooseModels } from "../models.ts";
import { colorsFor } from "../output/colors.ts";
import { renderComparison } from "../output/comparison-table.ts";
import { createTextWriter, originLegend } from "../output/text-writer.ts";

interface DemoOptions {
  readonly pair: ExamplePairName;
  readonly maxTokens: number;
}

const policies = ["none", "static:5", "adaedl"];
const shownPolicy = "adaedl";
const warmUpTokens = 40;

/** Adds `adaedl demo`, which `npm start` runs. */
export function addDemoCommand(program: Command, signal: AbortSignal): void {
  program
    .command("demo")
    .description("decode one prompt plainly, with drafts of fixed length and with AdaEDL")
    .option("--once", "run once and exit (what it always does)")
    .addOption(
      new Option("--pair <name>", "built-in pair of models")
        .choices(examplePairNames)
        .default("storyteller"),
    )
    .addOption(new Option("--max-tokens <n>", "output tokens").argParser(parseCount).default(160))
    .action((options: DemoOptions) => demo(options, signal));
}

async function demo({ pair, maxTokens }: DemoOptions, signal: AbortSignal): Promise<void> {
  const models = chooseModels({ pair });
  const facts = await readTargetFacts(models.target.directory);
  const prompt = examplePrompts(pair)[0] ?? "";
  const promptTokenIds = facts.tokenizer.encode(prompt);
  const common = { promptTokenIds, sampling: { temperature: 0.7 }, seed: 1, ignoreEos: true };
  await asRequest(() => parseGenerationRequest({ ...common, maxTokens }, facts));
  const out = process.stdout;
  const colors = colorsFor(out);
  const names = [`${pair}-draft`, `${pair}-target`].map(colors.bold);
  out.write(`${names[0]} guesses, ${names[1]} decides\n\n`);
  await using speculator = await openSpeculator({ ...models, facts }, signal);
  const run = (policy: string, maxTokens: number, onToken?: (token: CommittedToken) => void) => {
    return runGeneration(speculator, { ...common, policy, maxTokens }, signal, onToken);
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
    writer.prompt(prompt);
    generations.set(policy, await run(policy, maxTokens, writer.token).finally(writer.end));
  }
  checkSameTokens(generations);
  const lines = [
    ...(colors.isColorSupported ? [originLegend(colors)] : []),
    "",
    renderComparison(generations, colors),
    "",
    `The same ${maxTokens} tokens three times: speculation changes the speed, never the words.`,
    "Look at the target forwards: a big target's time goes there. Between these toy models a",
    `guess costs ${guessCost(generations)} of a target forward, too much to gain a lot of tokens/s.`,
  ];
  out.write(`${lines.join("\n")}\n`);
}

/** Time of one guess as a share of one target forward without guesses, in this run. */
function guessCost(generations: ReadonlyMap<string, Generation>): string {
  const plain = generations.get("none")?.finished;
  const drafted = generations.get(shownPolicy)?.finished;
  if (plain === undefined || !drafted?.numDraftForwards) return "part";
  const guessMs = drafted.statistics.draftMs / drafted.numDraftForwards;
  const forwardMs = plain.statistics.verifyMs / plain.numTargetForwards;
  return `${((100 * guessMs) / forwardMs).toFixed(0)} %`;
}

/** What makes speculation lossless is checked before it is said. */
function checkSameTokens(generations: ReadonlyMap<string, Generation>): void {
  const plain = generations.get("none")?.tokenIds ?? [];
  for (const [policy, { tokenIds }] of generations) {
    const same = tokenIds.length === plain.length && tokenIds.every((id, i) => id === plain[i]);
    if (!same) throw new AdaedlError("internal", `${policy} and none decoded different tokens`);
  }
}
