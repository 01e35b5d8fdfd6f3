import type { LossName } from "./graph/training-io.ts";

/** A position of a batch, whose next token the target has predicted, too. */
export interface JudgedPosition {
  readonly row: number;
  /** Index in the row of the token after which is predicted. */
  readonly position: number;
}

/** The target's predictions at the judged positions, in their order. */
export type TargetPredictions =
  /** Logits over the whole vocabulary. [judged, vocabSize] */
  | { readonly logits: Float32Array }
  /** Its most probable tokens, without duplicates, and their log-probabilities at temperature 1. [judged, numTop] each */
  | { readonly topIds: Int32Array; readonly topLogprobs: Float32Array };

/** Texts to learn from. */
export interface TrainingBatch {
  /** Token ids of each text, from its beginning or from anywhere within it. */
  readonly rows: readonly (readonly number[])[];
  /** Each position at most once. */
  readonly judged: readonly JudgedPosition[];
  /** Absent where logits alone are asked for. */
  readonly target?: TargetPredictions;
}

/** Which of the two forms of predictions a loss learns from. */
export function needsLogits(loss: LossName): boolean {
  return loss !== "tv-top16";
}
