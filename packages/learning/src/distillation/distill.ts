import { AdaedlError } from "@adaedl/core";
import { readDecoderSpec, readGenerationDefaults } from "@adaedl/model";
import { openModelThread } from "@adaedl/runtime";
import type { LossName } from "../graph/training-io.ts";
import type { WeightChoice } from "../messages.ts";
import type { Tensors } from "../optimizer/adam.ts";
import { openTrainingThread, type TrainingThread } from "../training-thread.ts";
import { type SampledText, sampleTexts, type TextToSample } from "./sample-texts.ts";
import { textsToBatches } from "./texts-to-batches.ts";

export interface DistillOptions {
  /** Model directories with one vocabulary. */
  readonly target: string;
  readonly draft: string;
  readonly loss: LossName;
  /** Token ids that texts begin with, in turns; each at least one token, and shorter than `length`. */
  readonly prompts: readonly (readonly number[])[];
  /** Others, for the match probability: none that is trained on. */
  readonly heldOutPrompts: readonly (readonly number[])[];
  /** Temperatures of the texts, in turns. */
  readonly temperatures: readonly number[];
  /** Tokens of a text, its prompt included. */
  readonly length: number;
  /** Texts of a step. */
  readonly numTexts: number;
  readonly numSteps: number;
  readonly peakLearningRate: number;
  readonly seed: number;
}

/** A draft before training, after it, and each step in between. */
export interface DistillReport {
  readonly numSteps: number;
  /** Positions learnt from, so far. */
  readonly numJudged: number;
  /** Of the last step. */
  readonly loss: number | undefined;
  /** On held-out texts, by temperature; before the first step, and after the last. */
  readonly match: ReadonlyMap<number, number> | undefined;
}

const warmupSteps = 20;
const numRowsPerBatch = 4;

/**
 * Trains a draft on texts that its target writes meanwhile (DistillSpec, arXiv 2310.08461).
 * @param onReport before the first step, after each, and after the last
 * @returns the moving average of the trained weights, by Hugging Face's names
 * @throws AdaedlError `failed_precondition` for models of different vocabularies
 */
export async function distill(
  options: DistillOptions,
  onReport: (report: DistillReport) => void,
  signal?: AbortSignal,
): Promise<Tensors> {
  const { target: directory, draft, loss, length, numTexts, numSteps } = options;
  await requireSameVocabulary(directory, draft);
  const { eosTokenIds: endTokenIds } = await readGenerationDefaults(directory);
  const shape = { numRows: numRowsPerBatch, length, numJudged: numRowsPerBatch * length };
  const peak = options.peakLearningRate;
  await using target = await openModelThread({ directory }, signal);
  await using training = await openTrainingThread(
    {
      ...{ directory: draft, loss, shape },
      schedule: { peak, warmupSteps: Math.min(warmupSteps, numSteps), totalSteps: numSteps },
    },
    signal,
  );
  const sample = (texts: readonly TextToSample[]) =>
    sampleTexts(target, texts, { length, endTokenIds }, signal);
  const heldOut = await sample(
    options.temperatures.flatMap((temperature) =>
      options.heldOutPrompts.map((prompt, index) => ({
        prompt,
        temperature,
        seed: options.seed + index,
      })),
    ),
  );
  const matchOf = (which: WeightChoice) =>
    matchByTemperature(training, heldOut, which, shape, signal);
  onReport({ numSteps: 0, numJudged: 0, loss: undefined, match: await matchOf("current") });

  let numJudged = 0;
  for (let step = 1; step <= numSteps; step++) {
    const texts = await sample(textsOf(options, (step - 1) * numTexts));
    const report = await training.step(textsToBatches(texts, loss, shape), signal);
    numJudged += report.numJudged;
    const match = step === numSteps ? await matchOf("average") : undefined;
    onReport({ numSteps: step, numJudged, loss: report.loss, match });
  }
  return training.weights("average", signal);
}

/** The texts of a step: seeds and prompts go on where the last step ended. */
function textsOf(
  { prompts, temperatures, numTexts, seed }: DistillOptions,
  first: number,
): TextToSample[] {
  return Array.from({ length: numTexts }, (_, index) => {
    const number = first + index;
    const round = Math.floor(number / prompts.length);
    return {
      prompt: prompts[number % prompts.length] as readonly number[],
      temperature: temperatures[(number + round) % temperatures.length] as number,
      seed: (seed + 1_000_000 + number) >>> 0,
    };
  });
}

async function matchByTemperature(
  training: TrainingThread,
  texts: readonly SampledText[],
  which: WeightChoice,
  shape: { numRows: number; length: number; numJudged: number },
  signal: AbortSignal | undefined,
): Promise<Map<number, number>> {
  const matches = new Map<number, number>();
  for (const temperature of new Set(texts.map((text) => text.temperature))) {
    const own = texts.filter((text) => text.temperature === temperature);
    let [sum, count] = [0, 0];
    for (const batch of textsToBatches(own, "tv", shape)) {
      sum +=
        batch.judged.length * (await training.matchProbability(batch, which, temperature, signal));
      count += batch.judged.length;
    }
    matches.set(temperature, sum / count);
  }
  return matches;
}

async function requireSameVocabulary(target: string, draft: string): Promise<void> {
  const [one, other] = [await readDecoderSpec(target), await readDecoderSpec(draft)];
  if (one.vocabSize === other.vocabSize) return;
  throw new AdaedlError(
    "failed_precondition",
    `draft must have the vocabulary of its target, ${one.vocabSize} tokens, got ${other.vocabSize}`,
    { field: "draft", value: other.vocabSize },
  );
}
