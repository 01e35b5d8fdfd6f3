import { invalidField, throwIfAborted } from "@adaedl/core";
import type { DecoderSpec } from "@adaedl/model";
import { openWorkerChannel } from "@adaedl/runtime";
import type { TrainingBatch } from "./batch.ts";
import { lossNames } from "./graph/training-io.ts";
import type {
  LiveAndFrozen,
  StepReport,
  TrainingInfo,
  TrainingOptions,
  TrainingRequest,
  WeightChoice,
} from "./messages.ts";
import { trainingEntry } from "./worker-entry.ts";

/** A model that learns, in a thread of its own. Nothing blocks the caller's loop. */
export interface TrainingThread extends AsyncDisposable {
  readonly spec: DecoderSpec;
  /** Steps that were made when it was opened: more than 0 where it went on from what was saved. */
  readonly numSteps: number;
  /**
   * One step of the optimizer over all batches, which have one gradient: two of half the size take half the memory.
   * @param progress the part of the training that is done, 0 to 1, by which the learning rate falls to 0; default: 0
   * @throws AdaedlError `invalid_argument` for a batch that does not fit the shape or the loss; `cancelled` when the
   *   signal aborts (a step that has begun ends, one that waits does not begin)
   */
  step(
    batches: readonly TrainingBatch[],
    signal?: AbortSignal,
    progress?: number,
  ): Promise<StepReport>;
  /** Logits of the judged positions. [judged, vocabSize] */
  logits(batch: TrainingBatch, which: WeightChoice, signal?: AbortSignal): Promise<Float32Array>;
  /**
   * The match probability under shared noise, the mean over the judged positions.
   * @param batch with the target's logits
   * @param temperature above 0; or 0, where it is the share of positions with the same most probable token
   */
  matchProbability(
    batch: TrainingBatch,
    which: WeightChoice,
    temperature: number,
    signal?: AbortSignal,
  ): Promise<number>;
  /**
   * What training changed, for each row: close to the match probability, from the target's most probable tokens.
   * @param batch with those; each of its rows has judged positions
   */
  compare(batch: TrainingBatch, signal?: AbortSignal): Promise<readonly LiveAndFrozen[]>;
  /** A copy of all weights, by Hugging Face's names. */
  weights(which: WeightChoice, signal?: AbortSignal): Promise<ReadonlyMap<string, Float32Array>>;
  /** Writes the training's state; `stateDirectory` goes on from it. */
  save(directory: string, signal?: AbortSignal): Promise<void>;
  /** Ends the running step, frees the model and stops the thread. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens a model for training in a worker thread.
 * @throws AdaedlError when it cannot be opened; nothing is left running then
 */
export async function openTrainingThread(
  options: TrainingOptions,
  signal?: AbortSignal,
): Promise<TrainingThread> {
  throwIfAborted(signal);
  checkOptions(options);
  const channel = openWorkerChannel<TrainingRequest>(trainingEntry(), options, "training");
  try {
    const { spec, numSteps } = await channel.opened<TrainingInfo>(signal);
    return {
      ...{ spec, numSteps },
      step: (batches, signal, progress = 0) =>
        channel.ask({ type: "step", batches, progress }, signal),
      logits: (batch, which, signal) => channel.ask({ type: "logits", batch, which }, signal),
      matchProbability: (batch, which, temperature, signal) =>
        channel.ask({ type: "match", batch, which, temperature }, signal),
      compare: (batch, signal) => channel.ask({ type: "compare", batch }, signal),
      save: (directory, signal) => channel.ask({ type: "save", directory }, signal),
      weights: (which, signal) => channel.ask({ type: "weights", which }, signal),
      close: channel.close,
      [Symbol.asyncDispose]: channel.close,
    };
  } catch (error) {
    await channel.close();
    throw error;
  }
}

function checkOptions({ loss, shape, schedule }: TrainingOptions): void {
  if (!lossNames.includes(loss))
    throw invalidField("loss", loss, `must be one of ${lossNames.join(", ")}`);
  const { numRows, length, numJudged } = shape;
  for (const [name, size] of Object.entries(shape))
    if (!Number.isInteger(size) || size < 1)
      throw invalidField(`shape.${name}`, size, "must be a whole number above 0");
  if (numJudged > numRows * length)
    throw invalidField(
      "shape.numJudged",
      numJudged,
      `must be at most numRows * length, ${numRows * length}`,
    );
  if (!(schedule.peak > 0)) throw invalidField("schedule.peak", schedule.peak, "must be above 0");
}
