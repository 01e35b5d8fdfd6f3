import { AdaedlError, invalidField } from "@adaedl/core";
import { readDecoderSpec, readGenerationDefaults } from "@adaedl/model";
import { openModelThread } from "@adaedl/runtime";
import type { LossName, TrainingShape } from "../graph/training-io.ts";
import { type Growth, growSpec } from "../growth/grow-spec.ts";
import type { WeightChoice } from "../messages.ts";
import type { Tensors } from "../optimizer/adam.ts";
import { openTrainingThread, type TrainingThread } from "../training-thread.ts";
import { openRun } from "./run.ts";
import { type SampledText, sampleTexts, type TextToSample } from "./sample-texts.ts";
import { textsToBatches } from "./texts-to-batches.ts";
import { writeAhead } from "./write-ahead.ts";

export interface DistillOptions {
  /** Model directories with one vocabulary. */
  readonly target: string;
  readonly draft: string;
  /** Makes the draft larger first. */
  readonly growth?: Growth | undefined;
  readonly loss: LossName;
  /** Token ids that texts begin with, in turns; each at least one token, and shorter than `length`. */
  readonly prompts: readonly (readonly number[])[];
  /** Others, for the match probability: none that is trained on. */
  readonly heldOutPrompts: readonly (readonly number[])[];
  /** Temperatures of the texts, in turns. */
  readonly temperatures: readonly number[];
  /** Temperatures of the held-out texts, and of the match probability on them. */
  readonly heldOutTemperatures: readonly number[];
  /** Tokens of a text, its prompt included. */
  readonly length: number;
  /** Texts of a step. */
  readonly numTexts: number;
  /** How long to train; the learning rate falls to 0 with it. */
  readonly budget: TrainingBudget;
  readonly peakLearningRate: number;
  readonly seed: number;
  /** Where training is kept meanwhile, and goes on from after an interruption; the caller removes it in the end. */
  readonly stateDirectory?: string;
  /** A step saves when the last save was so long ago; default: 20 s. */
  readonly saveEveryMs?: number;
}

/** So many steps, or so many milliseconds by the clock; those before an interruption count. */
export type TrainingBudget = { readonly numSteps: number } | { readonly ms: number };

/** A draft before training, after it, and each step in between. */
export interface DistillReport {
  /** The part of the training that is done, 0 to 1. */
  readonly progress: number;
  readonly numSteps: number;
  /** Positions learnt from, so far. */
  readonly numJudged: number;
  /** Time taken by training, without the measurements before it and after it. */
  readonly elapsedMs: number;
  /** Of the last step. */
  readonly loss: number | undefined;
  /**
   * On held-out texts, by temperature: all temperatures before the first step and after the last, the first of
   * `temperatures` now and then in between.
   */
  readonly match: ReadonlyMap<number, number> | undefined;
}

const warmupSteps = 20;
/** How often the match probability is measured in between. */
const numMeasured = 10;
const numRowsPerBatch = 4;
/** The target's logits of a step, of which there are some copies, and the attention scores of a layer. */
const mostLogitBytes = 2 ** 30;
const mostScoreBytes = 2 ** 28;

/**
 * Trains a draft on texts that its target writes meanwhile (DistillSpec, arXiv 2310.08461).
 * @param onReport before the first step, after each, and after the last
 * @returns the moving average of the trained weights, by Hugging Face's names
 * @throws AdaedlError `invalid_argument` for prompts that leave nothing to write and a `length` that the models'
 *   context or memory has no room for; `failed_precondition` for models of different vocabularies, or where `stateDirectory` holds a run with
 *   other options
 */
export async function distill(
  options: DistillOptions,
  onReport: (report: DistillReport) => void,
  signal?: AbortSignal,
): Promise<Tensors> {
  const { target: directory, draft, length, budget, stateDirectory } = options;
  checkPrompts(options, "prompts");
  checkPrompts(options, "heldOutPrompts");
  await checkModels(options);
  const run = await openRun(options);
  const { eosTokenIds: endTokenIds } = await readGenerationDefaults(directory);
  const shape = { numRows: numRowsPerBatch, length, numJudged: numRowsPerBatch * length };
  const schedule = {
    peak: options.peakLearningRate,
    warmupSteps: "ms" in budget ? warmupSteps : Math.min(warmupSteps, budget.numSteps),
  };
  const saved = stateDirectory === undefined || run.isNew ? {} : { stateDirectory };
  await using target = await openModelThread({ directory }, signal);
  await using training = await openTrainingThread(
    { directory: draft, growth: options.growth, loss: options.loss, shape, schedule, ...saved },
    signal,
  );
  const sample = (texts: readonly TextToSample[], ending?: AbortSignal) => {
    const signals = [signal, ending].filter((one) => one !== undefined);
    return sampleTexts(target, texts, endTokenIds, AbortSignal.any(signals));
  };
  const matchOf = (temperatures: readonly number[], which: WeightChoice) =>
    matchByTemperature(options, temperatures, sample, training, which, shape, signal);
  if (run.isNew) await run.begin(await matchOf(options.heldOutTemperatures, "current"));
  let { numSteps } = training;
  let { numJudged, elapsedMs } = run.after(numSteps);
  const beganMs = performance.now() - elapsedMs;
  const done = () =>
    Math.min(1, "ms" in budget ? elapsedMs / budget.ms : numSteps / budget.numSteps);
  let [progress, loss]: [number, number | undefined] = [done(), undefined];
  onReport({ progress, numSteps, numJudged, elapsedMs, loss, match: run.match });

  await using texts = writeAhead(options, numSteps, training.spec.vocabSize, sample);
  while (progress < 1) {
    const batches = await textsToBatches(await texts.next(), options.loss, shape);
    const report = await training.step(batches, signal, progress);
    ({ numSteps, loss } = report);
    numJudged += report.numJudged;
    elapsedMs = performance.now() - beganMs;
    const before = progress;
    progress = done();
    const save = () => training.save(stateDirectory as string, signal);
    await run.afterStep(numSteps, { numJudged, elapsedMs }, save);
    if (progress === 1) break;
    const isMeasured = Math.floor(numMeasured * progress) > Math.floor(numMeasured * before);
    const match = isMeasured
      ? await matchOf(options.temperatures.slice(0, 1), "average")
      : undefined;
    onReport({ progress, numSteps, numJudged, elapsedMs, loss, match });
  }
  const match = await matchOf(options.heldOutTemperatures, "average");
  onReport({ progress, numSteps, numJudged, elapsedMs, loss, match });
  return training.weights("average", signal);
}

/**
 * The match probability on held-out prompts at each temperature, a batch of texts at a time. They are written anew each
 * time: their logits take more memory than anything else.
 * @param which of the weights
 */
async function matchByTemperature(
  { heldOutPrompts, length, seed }: DistillOptions,
  temperatures: readonly number[],
  sample: (texts: readonly TextToSample[]) => Promise<SampledText[]>,
  training: TrainingThread,
  which: WeightChoice,
  shape: TrainingShape,
  signal: AbortSignal | undefined,
): Promise<Map<number, number>> {
  const matches = new Map<number, number>();
  for (const temperature of temperatures) {
    const texts = heldOutPrompts.map((prompt, index) => ({
      ...{ prompt, length, temperature, seed: seed + index },
    }));
    let [sum, count] = [0, 0];
    for (let at = 0; at < texts.length; at += shape.numRows) {
      const sampled = await sample(texts.slice(at, at + shape.numRows));
      for (const batch of await textsToBatches(sampled, "tv", shape)) {
        const { length } = batch.judged;
        sum += length * (await training.matchProbability(batch, which, temperature, signal));
        count += length;
      }
    }
    matches.set(temperature, sum / count);
  }
  return matches;
}

function checkPrompts(options: DistillOptions, field: "prompts" | "heldOutPrompts"): void {
  const { length } = options;
  if (options[field].length === 0) throw invalidField(field, [], "must have one prompt at least");
  options[field].forEach((prompt, index) => {
    if (prompt.length === 0 || prompt.length >= length)
      throw invalidField(
        `${field}[${index}]`,
        prompt.length,
        `must have 1 to ${length - 1} tokens`,
      );
  });
}

async function checkModels(options: DistillOptions): Promise<void> {
  const { target, draft, growth, length, numTexts } = options;
  const [one, given] = [await readDecoderSpec(target), await readDecoderSpec(draft)];
  const other = growth === undefined ? given : growSpec(given, growth);
  if (one.vocabSize !== other.vocabSize)
    throw new AdaedlError(
      "failed_precondition",
      `draft must have the vocabulary of its target, ${one.vocabSize} tokens, got ${other.vocabSize}`,
      { field: "draft", value: other.vocabSize },
    );
  const bytesPerToken = 4 * numTexts * one.vocabSize;
  const bytesPerPair = 4 * numRowsPerBatch * other.numHeads;
  const longest = Math.min(
    ...[one.contextLength, other.contextLength],
    Math.floor(mostLogitBytes / bytesPerToken),
    Math.floor(Math.sqrt(mostScoreBytes / bytesPerPair)),
  );
  if (length > longest)
    throw invalidField("length", length, `must be at most ${longest} for these models`);
}
