import type { DecoderSpec } from "@adaedl/model";
import type { TrainingBatch } from "./batch.ts";
import type { LossName, TrainingShape } from "./graph/training-io.ts";
import type { Growth } from "./growth/grow-spec.ts";
import type { LearningRateSchedule } from "./optimizer/learning-rate.ts";

/** Which model to train, and how. */
export interface TrainingOptions {
  /** A model directory with safetensors weights. It stays as it is. */
  readonly directory: string;
  /** Makes it larger before its first step, the same function still. */
  readonly growth?: Growth | undefined;
  readonly loss: LossName;
  /** Largest batch; smaller ones are padded. */
  readonly shape: TrainingShape;
  readonly schedule: LearningRateSchedule;
  /** Where training goes on from, when something was saved there. */
  readonly stateDirectory?: string;
  /** Threads of one step; default: 1. */
  readonly numThreads?: number;
  /** Whether it yields the processor to everything else, where the system can do that for a thread. Default: false. */
  readonly isBackground?: boolean;
}

/** Match probabilities of a text, the mean over its judged positions. */
export interface LiveAndFrozen {
  /** Of the moving average. */
  readonly live: number;
  /** Of the draft before training. */
  readonly frozen: number;
}

/** What one step did. */
export interface StepReport {
  /** Mean over its judged positions, before the step. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Steps made, this one included. */
  readonly numSteps: number;
  readonly numJudged: number;
}

/** What was opened. */
export interface TrainingInfo {
  readonly spec: DecoderSpec;
  /** Steps made already. */
  readonly numSteps: number;
}

/** The weights themselves, or their moving average, which is what drafts. */
export type WeightChoice = "current" | "average";

/** Host to worker. */
export type TrainingRequest =
  | {
      readonly type: "step";
      readonly batches: readonly TrainingBatch[];
      /** See `learningRateAt`. */
      readonly progress: number;
    }
  | { readonly type: "logits"; readonly batch: TrainingBatch; readonly which: WeightChoice }
  | {
      readonly type: "match";
      readonly batch: TrainingBatch;
      readonly which: WeightChoice;
      readonly temperature: number;
    }
  | { readonly type: "compare"; readonly batch: TrainingBatch }
  | { readonly type: "weights"; readonly which: WeightChoice }
  | { readonly type: "save"; readonly directory: string }
  | { readonly type: "close" };
