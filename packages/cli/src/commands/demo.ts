import { AdaedlError } from "@adaedl/core";
import { openSpeculator } from "@adaedl/engine";
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

const policies = ["none", "static:5", "adaedl"] as const;
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
    .addOption(
      new Option("--max-tokens <n>", "output tokens").argParser(parseCount).default(160),
    )
    .action((options: DemoOptions) => demo(options, signal));
}

async function demo({ pair, maxTokens }: DemoOptions, signal: AbortSignal): Promise<void> {
  const out = process.stdout;
  const colors = colorsFor(out);
  out.write(`${colors.bold(`${pair}-target`)} decides, ${colors.bold(`${pair}-draft`)} guesses\n\n`);

  await using speculator = await openSpeculator(chooseModels({ pair }), signal);
  const prompt = examplePrompts(pair)[0] ?? "";
  const promptTokenIds = speculator.tokenizer.encode(prompt);
  const run = (policy: string, onToken?: (token: CommittedToken) => void) => {
    const sampling = { temperature: 0.7 };
    const request = { promptTokenIds, maxTokens, sampling, seed: 1, ignoreEos: true, policy };
    return asRequest(() => runGeneration(speculator, request, signal, onToken));
  };
  // Not measured: the first forwards of a process are slow, whoever's turn it is.
  for (const policy of policies) await run(policy);

  const generations = new Map<string, Generation>();
  const writer = createTextWriter(out, true);
  for (const policy of policies) {
    const isShown = policy === shownPolicy;
    if (isShown) writer.prompt(prompt);
    generations.set(policy, await run(policy, isShown ? writer.token : undefined));
  }
  writer.end();
}

/** What makes the whole thing lossless, checked before it is said. */
function checkSameTokens(generations: ReadonlyMap<string, Generation>): void {
  const [[plain, { tokenIds }], ...others] = 
}
