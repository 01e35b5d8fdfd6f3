import {
  AdaedlError,
  adjust,
  defaultSamplingParams,
  invalidField,
  matchProbability,
  rowFromLogits,
} from "@adaedl/core";
import {
  checkWeights,
  type DecoderSpec,
  openWeights,
  planWeights,
  readDecoderSpec,
} from "@adaedl/model";
import type { WeightPlan } from "@adaedl/model/onnx";
import type { TrainingBatch } from "../batch.ts";
import { recomputesLayers } from "../graph/activation-memory.ts";
import { growModel, type ModelWeights } from "../growth/grow-model.ts";
import type { LiveAndFrozen, StepReport, TrainingOptions, WeightChoice } from "../messages.ts";
import {
  adamStep,
  newOptimizerState,
  type OptimizerState,
  type Tensors,
} from "../optimizer/adam.ts";
import { learningRateAt } from "../optimizer/learning-rate.ts";
import { targetLogitsOf, topsOf } from "./batch-inputs.ts";
import { matchOfTops } from "./match-of-tops.ts";
import { openTrainingSession, type TrainingSession } from "./training-session.ts";
import { loadState, saveState } from "./training-state.ts";

/** Architectures whose layers the training graph has. */
const trainable = ["llama", "mistral", "qwen2", "qwen3"];

/** A model that learns: its weights, the optimizer's state, and the graphs. Runs in a worker thread. */
export class Trainer {
  readonly spec: DecoderSpec;
  readonly #options: TrainingOptions;
  readonly #plan: WeightPlan;
  readonly #state: OptimizerState;
  readonly #frozen: Tensors;
  readonly #step: TrainingSession;
  /** Opened when logits are asked for. */
  #logits: Promise<TrainingSession> | undefined;

  private constructor(
    options: TrainingOptions,
    spec: DecoderSpec,
    plan: WeightPlan,
    weights: Tensors,
    step: TrainingSession,
    saved: OptimizerState | undefined,
  ) {
    this.#options = options;
    this.spec = spec;
    this.#plan = plan;
    this.#state = saved ?? newOptimizerState(weights);
    // Only one loss looks at them.
    this.#frozen = options.loss === "tv-top16" ? copyOf(weights) : new Map();
    this.#step = step;
  }

  /** @throws AdaedlError for a model that cannot be read, or a signal that aborts */
  static async open(options: TrainingOptions, signal: AbortSignal): Promise<Trainer> {
    const { directory, growth, loss, shape, numThreads = 1 } = options;
    const read = await readTensors(directory, await readTrainable(directory), signal);
    const { spec, plan, weights } = growth === undefined ? read : growModel(read, growth);
    const { stateDirectory } = options;
    const saved =
      stateDirectory === undefined ? undefined : await loadState(stateDirectory, plan, signal);
    const session = await openTrainingSession(spec, plan, loss, shape, {
      ...{ numThreads, recomputesLayers: recomputesLayers(spec, plan, shape) },
    });
    return new Trainer(options, spec, plan, weights, session, saved);
  }

  /**
   * One step of the optimizer over all batches: they have one gradient, each judged position the same part of it.
   * @throws AdaedlError `invalid_argument` for a batch that does not fit, before anything has changed;
   *   `internal` where the gradient is not finite
   */
  async step(batches: readonly TrainingBatch[], progress: number): Promise<StepReport> {
    const numJudged = batches.reduce((sum, { judged }) => sum + judged.length, 0);
    if (batches.length === 0) throw invalidField("batches", [], "must have one batch at least");
    const { weights } = this.#state;
    let loss = 0;
    let total: Tensors | undefined;
    for (const batch of batches) {
      const part = await this.#step.gradients(weights, this.#frozen, batch, numJudged);
      loss += part.loss;
      if (total === undefined) total = part.gradients;
      else addTo(total, part.gradients);
    }
    const { numSteps } = this.#state;
    const learningRate = learningRateAt(this.#options.schedule, numSteps, progress);
    const gradientNorm = adamStep(this.#state, total ?? new Map(), learningRate);
    if (!Number.isFinite(gradientNorm))
      throw new AdaedlError(
        "internal",
        `the gradient of step ${this.#state.numSteps} is ${gradientNorm}`,
      );
    return { loss, gradientNorm, learningRate, numSteps: this.#state.numSteps, numJudged };
  }

  /** @param which of the weights: as they are, or their moving average */
  async logits(batch: TrainingBatch, which: WeightChoice): Promise<Float32Array> {
    return (await this.#openLogits()).logits(this.weights(which), batch);
  }

  #openLogits(): Promise<TrainingSession> {
    this.#logits ??= openTrainingSession(this.spec, this.#plan, "logits", this.#options.shape, {
      numThreads: this.#options.numThreads ?? 1,
    });
    return this.#logits;
  }

  /** The mean over the judged positions of a batch with the target's logits. */
  async matchProbability(
    batch: TrainingBatch,
    which: WeightChoice,
    temperature: number,
  ): Promise<number> {
    const { vocabSize } = this.spec;
    const numJudged = batch.judged.length;
    const target = targetLogitsOf(batch, numJudged * vocabSize);
    const draft = await this.logits(batch, which);
    const params = { ...defaultSamplingParams, temperature };
    const at = (logits: Float32Array, index: number) =>
      adjust(rowFromLogits(logits.subarray(index * vocabSize, (index + 1) * vocabSize)), params);
    let sum = 0;
    for (let index = 0; index < numJudged; index++)
      sum += matchProbability(at(target, index), at(draft, index));
    return sum / numJudged;
  }

  /** What the training changed, by text: the match probability as far as the target's most probable tokens say it. */
  async compare(batch: TrainingBatch): Promise<LiveAndFrozen[]> {
    const { topIds, topLogprobs } = topsOf(batch);
    const numTop = topIds.length / batch.judged.length;
    const { vocabSize } = this.spec;
    const meansOf = async (weights: Tensors) => {
      const logits = await (await this.#openLogits()).logits(weights, batch);
      const sums = batch.rows.map(() => ({ sum: 0, count: 0 }));
      batch.judged.forEach(({ row }, index) => {
        const tops = [index * numTop, (index + 1) * numTop] as const;
        const here = logits.subarray(index * vocabSize, (index + 1) * vocabSize);
        const total = sums[row] as { sum: number; count: number };
        total.sum += matchOfTops(topIds.subarray(...tops), topLogprobs.subarray(...tops), here);
        total.count++;
      });
      return sums.map(({ sum, count }) => sum / count);
    };
    const live = await meansOf(this.weights("average"));
    const frozen = await meansOf(this.#frozen);
    return live.map((mean, row) => ({ live: mean, frozen: frozen[row] as number }));
  }

  /** Steps made. */
  get numSteps(): number {
    return this.#state.numSteps;
  }

  save(directory: string): Promise<void> {
    return saveState(directory, this.#plan, this.#state);
  }

  /** Changed by later steps. */
  weights(which: WeightChoice): Tensors {
    return which === "average" ? this.#state.averages : this.#state.weights;
  }

  async close(): Promise<void> {
    await this.#step.close();
    await (await this.#logits)?.close();
  }
}

function addTo(total: Tensors, others: Tensors): void {
  for (const [name, values] of total) {
    const other = others.get(name) as Float32Array;
    for (let i = 0; i < values.length; i++)
      values[i] = (values[i] as number) + (other[i] as number);
  }
}

function copyOf(tensors: Tensors): Tensors {
  return new Map([...tensors].map(([name, values]) => [name, values.slice()]));
}

async function readTrainable(directory: string): Promise<DecoderSpec> {
  const spec = await readDecoderSpec(directory);
  const { architecture } = spec;
  if (trainable.includes(architecture)) return spec;
  throw new AdaedlError(
    "unimplemented",
    `${directory}: model_type "${architecture}" cannot be trained (can be: ${trainable.join(", ")})`,
    { field: "model_type", value: architecture },
  );
}

async function readTensors(
  directory: string,
  spec: DecoderSpec,
  signal: AbortSignal,
): Promise<ModelWeights> {
  const store = await openWeights(directory);
  try {
    const plan = planWeights(spec, store.entries);
    checkWeights(plan, store);
    const weights = new Map<string, Float32Array>();
    for (const [name, dims] of plan) {
      const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
      let at = 0;
      for await (const piece of store.read(name)) {
        if (signal.aborted) throw AdaedlError.fromAbort(signal.reason);
        values.set(piece, at);
        at += piece.length;
      }
      weights.set(name, values);
    }
    return { spec, plan, weights };
  } finally {
    await store.close();
  }
}
