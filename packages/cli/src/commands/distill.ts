import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { DistillOptions, DistillReport, Growth, TrainingBudget } from "@adaedl/learning";
import { type Command, InvalidArgumentError, Option } from "commander";
import { distilledCard, matchTable } from "../distillation/distilled-card.ts";
import { UsageError } from "../fail.ts";
import { modelDirectory } from "../models.ts";
import { finePercent } from "../output/numbers.ts";
import { createProgressBar, type ProgressBar } from "../output/progress-bar.ts";
import { parseFrom } from "../settings/values.ts";
import { count, parsePositive } from "./bench/shared.ts";

interface Options {
  readonly target: string;
  readonly draft: string;
  readonly out: string;
  readonly prompts?: string;
  readonly grow?: Growth;
  readonly tokens: number;
  readonly minutes?: number;
  readonly loss: DistillOptions["loss"];
  readonly length: number;
  readonly seed: number;
}

const temperatures = [0.7, 1];
const heldOutTemperatures = [0, ...temperatures];
const numTexts = 16;
const peakLearningRate = 1e-3;

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
      new Option("--grow <WIDTHxLAYERS>", "make the draft larger first, such as 128x2").argParser(
        parseGrowth,
      ),
    )
    .addOption(
      new Option("--tokens <n>", "tokens to learn from; fewer where texts end early")
        .argParser(parseFrom(1, 1e9))
        .default(300_000),
    )
    .addOption(
      new Option("--minutes <n>", "time to train, instead of --tokens")
        .argParser(parsePositive)
        .conflicts("tokens"),
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

function parseGrowth(text: string): Growth {
  const [, width, numLayers] = /^([1-9]\d{0,5})x([1-9]\d{0,3})$/.exec(text) ?? [];
  if (width === undefined)
    throw new InvalidArgumentError("It must be WIDTHxLAYERS, such as 128x2.");
  return { width: Number(width), numLayers: Number(numLayers) };
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const target = modelDirectory(options.target);
  const draft = modelDirectory(options.draft);
  const { loss, length, seed, tokens, minutes, prompts: file, grow: growth } = options;
  if (options.out === "") throw new UsageError("--out must name a directory");
  const out = resolve(options.out); // without a slash at the end: the training's state is beside it
  const { tokenizedPrompts } = await import("../distillation/tokenized-prompts.ts");
  const prompts = await tokenizedPrompts({ target, draft, file, length }, signal);
  const { distill, requireNewDirectory, writeModel } = await import("@adaedl/learning");
  await requireNewDirectory(out); // before the training, not after it
  const numPromptTokens = prompts.trained.reduce((sum, { length }) => sum + length, 0);
  const newTokens = numTexts * Math.max(1, length - numPromptTokens / prompts.trained.length);
  const budget =
    minutes === undefined ? { numSteps: Math.ceil(tokens / newTokens) } : { ms: 60_000 * minutes };
  const stateDirectory = `${out}.training`;
  const display = createDisplay(budget);
  const measured: DistillReport[] = [];
  try {
    const weights = await distill(
      {
        ...{ target, draft, loss, length, numTexts, budget, temperatures, heldOutTemperatures },
        ...(growth && { growth }),
        ...{ prompts: prompts.trained, heldOutPrompts: prompts.heldOut },
        ...{ peakLearningRate, seed, stateDirectory },
      },
      (report) => {
        display.show(report);
        if (report.match !== undefined) measured.push(report);
      },
      signal,
    );
    display.end();
    const [before, after] = [measured[0], measured.at(-1)] as [DistillReport, DistillReport];
    const budgetFlag = minutes === undefined ? `--tokens ${tokens}` : `--minutes ${minutes}`;
    const grow = growth && `--grow ${growth.width}x${growth.numLayers} `;
    const flags = `${grow ?? ""}--loss ${loss} ${budgetFlag} --length ${length} --seed ${seed}`;
    const card = distilledCard({ ...options, flags, before, after });
    await writeModel(out, { source: draft, weights, growth, card }, signal);
    await rm(stateDirectory, { recursive: true, force: true });
    process.stdout.write(`${matchTable(before, after)}\n`);
  } finally {
    display.end();
  }
}

/** A progress bar with the last loss and match probability; it begins where an interrupted training goes on. */
function createDisplay(budget: TrainingBudget) {
  const [total, label] =
    "ms" in budget ? [budget.ms / 1000, "seconds"] : [budget.numSteps, "steps"];
  let bar: ProgressBar | undefined;
  let [numShown, match] = [0, ""];
  return {
    show(report: DistillReport) {
      const numDone = Math.round(report.progress * total);
      if (bar === undefined) {
        bar = createProgressBar(Math.round(total), label, process.stderr, numDone);
        numShown = numDone;
      }
      if (report.match !== undefined)
        match = [...report.match]
          .map(([temperature, share]) => `${finePercent(share)} at ${temperature}`)
          .join(", ");
      const loss = report.loss === undefined ? "" : `loss ${report.loss.toFixed(3)} · `;
      bar.step(numDone - numShown, `${loss}match ${match}`);
      numShown = numDone;
    },
    end: () => bar?.end(),
  };
}
