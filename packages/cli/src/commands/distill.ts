import { readFile, rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { AdaedlError } from "@adaedl/core";
import {
  exampleModelDirectory,
  examplePair,
  examplePairNames,
  examplePrompts,
} from "@adaedl/example-models";
import type { DistillOptions, DistillReport } from "@adaedl/learning";
import { type Command, Option } from "commander";
import { UsageError } from "../fail.ts";
import { modelDirectory } from "../models.ts";
import { createProgressBar } from "../output/progress-bar.ts";
import { parseFrom } from "../settings/values.ts";
import { count } from "./bench/shared.ts";

interface Options {
  readonly target: string;
  readonly draft: string;
  readonly out: string;
  readonly prompts?: string;
  readonly tokens: number;
  readonly loss: DistillOptions["loss"];
  readonly length: number;
  readonly seed: number;
}

const temperatures = [0.7, 1];
const numTexts = 16;
const peakLearningRate = 1e-3;
/** Prompts that are not trained on, where there are enough to do without them. */
const numHeldOut = 12;

/** Adds `adaedl distill`. */
export function addDistillCommand(program: Command, watch: () => AbortSignal): void {
  program
    .command("distill")
    .description("train a draft on texts that its target writes, and write it as a new model")
    .optionsGroup("Models (a directory, or a built-in name such as storyteller-target):")
    .requiredOption("--target <dir>", "the model to learn from")
    .requiredOption("--draft <dir>", "the model that learns; it stays as it is")
    .requiredOption("--out <dir>", "the new model; it must not exist")
    .optionsGroup("Training:")
    .option(
      "--prompts <file>",
      "how texts begin, one in each line (default: a built-in pair's own)",
    )
    .addOption(
      new Option("--tokens <n>", "tokens to learn from; fewer where texts end early")
        .argParser(parseFrom(1, 1e9))
        .default(300_000),
    )
    .addOption(
      new Option("--loss <name>", "tv for more matches; kl for a draft that is far from its target")
        .choices(["tv", "kl", "tv-top16"])
        .default("tv"),
    )
    .addOption(count("--length <n>", "tokens of a text", 160, 16))
    .addOption(count("--seed <n>", "the same texts for the same seed", 1, 0))
    .optionsGroup("Options:")
    .action((options: Options) => run(options, watch()));
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const target = modelDirectory(options.target);
  const draft = modelDirectory(options.draft);
  const { loss, length, seed, tokens } = options;
  if (options.out === "") throw new UsageError("--out must name a directory");
  const out = resolve(options.out); // without a slash at the end: the training's state is beside it
  const prompts = await tokenizedPrompts(options, target, draft, signal);
  const { distill, requireNewDirectory, writeModel } = await import("@adaedl/learning");
  await requireNewDirectory(out); // before the training, not after it
  const average =
    prompts.trained.reduce((sum, { length }) => sum + length, 0) / prompts.trained.length;
  const numSteps = Math.ceil(tokens / (numTexts * Math.max(1, length - average)));
  const stateDirectory = `${out}.training`;
  const bar = createProgressBar(numSteps, "steps");
  let numShown = 0;
  const matches: DistillReport[] = [];
  try {
    const weights = await distill(
      {
        ...{ target, draft, loss, length, numTexts, numSteps, temperatures, seed },
        ...{ prompts: prompts.trained, heldOutPrompts: prompts.heldOut },
        ...{ peakLearningRate, stateDirectory },
      },
      (report) => {
        bar.step(report.numSteps - numShown);
        numShown = report.numSteps;
        if (report.match !== undefined) matches.push(report);
      },
      signal,
    );
    bar.end();
    const [before, after] = matches as [DistillReport, DistillReport];
    const card = cardOf(options, numSteps, before, after);
    await writeModel(out, { source: draft, weights, card }, signal);
    await rm(stateDirectory, { recursive: true, force: true });
    process.stdout.write(`${tableOf(before, after)}\n`);
  } finally {
    bar.end();
  }
}

/** Half of the texts begin with nothing but the token that begins a text. */
async function tokenizedPrompts(
  { prompts: file, length }: Options,
  target: string,
  draft: string,
  signal: AbortSignal,
): Promise<{ trained: number[][]; heldOut: number[][] }> {
  const { haveSameTokenizer, loadTokenizer, readGenerationDefaults } = await import(
    "@adaedl/model"
  );
  if (!(await haveSameTokenizer(target, draft)))
    throw new AdaedlError(
      "failed_precondition",
      `target and draft must have the same tokenizer, got ${target} and ${draft}`,
    );
  const tokenizer = await loadTokenizer(target);
  const { eosTokenIds } = await readGenerationDefaults(target);
  const begin = tokenizer.bosTokenId ?? eosTokenIds[0];
  if (begin === undefined)
    throw new AdaedlError(
      "failed_precondition",
      "the target must have a token that begins or ends a text",
    );
  const texts = file === undefined ? builtInPrompts(target) : await promptLines(file, signal);
  const byTokens = new Map<string, number[]>(); // each once: none is both trained on and held out
  for (const text of texts) {
    const tokenIds = await tokenizer.encodeInTurns(text, { signal });
    const prompt = tokenIds.slice(0, Math.floor(length / 2));
    if (prompt.length > 0) byTokens.set(prompt.join(), prompt);
  }
  const given = [...byTokens.values()];
  const numKept = given.length >= 2 * numHeldOut ? numHeldOut : 0;
  const trained = given.slice(numKept).flatMap((prompt) => [prompt, [begin]]);
  return {
    trained: trained.length > 0 ? trained : [[begin]],
    heldOut:
      numKept > 0 ? given.slice(0, numKept) : Array.from({ length: numHeldOut }, () => [begin]),
  };
}

function builtInPrompts(target: string): readonly string[] {
  const pair = examplePairNames.find((name) => examplePair(name).target === target);
  return pair === undefined ? [] : examplePrompts(pair);
}

async function promptLines(file: string, signal: AbortSignal): Promise<string[]> {
  const text = await readFile(file, { encoding: "utf8", signal }).catch((cause: Error) => {
    if (signal.aborted) throw AdaedlError.fromAbort(signal.reason);
    throw new UsageError(`--prompts ${file} cannot be read: ${cause.message}`, { cause });
  });
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new UsageError(`--prompts ${file} must have one prompt at least`);
  return lines;
}

function tableOf(before: DistillReport, after: DistillReport): string {
  const percent = (report: DistillReport, temperature: number) =>
    `${(100 * (report.match?.get(temperature) ?? Number.NaN)).toFixed(1)} %`;
  const rows = temperatures.map(
    (temperature) =>
      `| ${temperature} | ${percent(before, temperature)} | ${percent(after, temperature)} |`,
  );
  return ["| temperature | match probability before | after |", "|---|---|---|", ...rows].join(
    "\n",
  );
}

function cardOf(
  { target, draft, loss, length, seed, tokens, prompts }: Options,
  numSteps: number,
  before: DistillReport,
  after: DistillReport,
): string {
  const nameOf = (model: string) =>
    exampleModelDirectory(model) === undefined ? basename(model) : model;
  const flags = `--loss ${loss} --tokens ${tokens} --length ${length} --seed ${seed}`;
  const file = prompts === undefined ? "" : ` --prompts ${basename(prompts)}`;
  return `# ${nameOf(draft)}, distilled on ${nameOf(target)}

A draft model for speculative decoding. It was trained by AdaEDL on ${after.numJudged} tokens that its target wrote meanwhile, in
${numSteps} steps. The weights are the moving average over the last steps.

    adaedl distill --target ${nameOf(target)} --draft ${nameOf(draft)} --out DIR ${flags}${file}

The chance that draft and target choose the same token, on texts that were not trained on:

${tableOf(before, after)}
`;
}
