/** How fast to learn. */
export interface LearningRateSchedule {
  readonly peak: number;
  /** Steps in which it rises from 0: Adam's first steps move every number by the whole rate, rare tokens' too. */
  readonly warmupSteps: number;
}

/**
 * Linear warm-up times cosine decay.
 * @param step from 0 on
 * @param progress the part of the training that is done, 0 to 1; training that has no end stays at 0, and at the peak
 */
export function learningRateAt(
  { peak, warmupSteps }: LearningRateSchedule,
  step: number,
  progress: number,
): number {
  const warmup = warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / warmupSteps);
  return (peak * warmup * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;
}
