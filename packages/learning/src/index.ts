export type { JudgedPosition, TargetPredictions, TrainingBatch } from "./batch.ts";
export { type NewModel, requireNewDirectory, writeModel } from "./directory/write-model.ts";
export {
  type DistillOptions,
  type DistillReport,
  distill,
  type TrainingBudget,
} from "./distillation/distill.ts";
export { type MatchOptions, measureMatch } from "./distillation/measure-match.ts";
export { type LossName, lossNames, numTopTokens, type TrainingShape } from "./graph/training-io.ts";
export type { Growth } from "./growth/grow-spec.ts";
export type { StepReport, TrainingOptions, WeightChoice } from "./messages.ts";
export {
  type OnlineLearner,
  type OnlineOptions,
  type OnlineReport,
  openOnlineLearner,
} from "./online/learn-online.ts";
export { type OnlineDirectory, openOnlineDirectory } from "./online/online-directory.ts";
export type { LearningRateSchedule } from "./optimizer/learning-rate.ts";
export { openTrainingThread, type TrainingThread } from "./training-thread.ts";
