/** How fast to learn, by the number of the step. */
export interface LearningRateSchedule {
  readonly peak: number;
  /** Steps in which it rises from 0: Adam's first steps move every number by the whole rate, rare tokens' too. */
  readonly warmupSteps: number;
  /** All steps, over which it then falls to 0 as a cosine; absent: it stays at the peak. */
  readonly totalSteps?: number | undefined;
}

/** @param step from 0 on */
export function learningRateAt(
  { peak, warmupSteps, totalSteps }: LearningRateSchedule,
  step: number,
): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  if (totalSteps === undefined) return peak;
  const done = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return (peak * (1 + Math.cos(Math.PI * done))) / 2;
}
