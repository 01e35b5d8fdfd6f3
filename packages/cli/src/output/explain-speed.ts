import { type Generation, ratesOf } from "../generation.ts";
import { ratio } from "./numbers.ts";

/** What one way to decode a text took. */
export interface MeasuredRun {
  readonly numTargetForwards: number;
  readonly tokensPerSecond: number;
  /** Mean time of a forward of the target. */
  readonly forwardMs: number;
}

export function measuredRun(generation: Generation): MeasuredRun {
  const { numTargetForwards, verifyMs } = generation.statistics;
  const { tokensPerSecond } = ratesOf(generation);
  return { numTargetForwards, tokensPerSecond, forwardMs: verifyMs / numTargetForwards };
}

/** Says how much faster a stream was than the target alone, or why it was not. */
export function explainSpeed(streamed: MeasuredRun, plain: MeasuredRun): readonly string[] {
  const times = streamed.tokensPerSecond / plain.tokensPerSecond;
  const passes = `The stream took ${streamed.numTargetForwards} passes of the target instead of ${plain.numTargetForwards}`;
  if (times > 1)
    return [
      `${passes}, and wrote ${ratio(times)} times as many tokens a second as the target alone:`,
      "drafts are on their way while the target decodes, and neither waits for the other.",
    ];
  return [
    `${passes}, but wrote only ${ratio(times)} times as many tokens a second:`,
    `a pass of this target takes ${plain.forwardMs.toFixed(1)} ms, and a draft comes too late to save one.`,
  ];
}
