export {
  type ModelInfo,
  type ModelThread,
  type ModelThreadOptions,
  maxThreads,
  openModelThread,
  openTokenizerThread,
  type SlotSettings,
  type TokenizerThread,
  withNumerics,
} from "@adaedl/runtime";
export {
  type BranchingDrafter,
  type DrafterOptions,
  openBranchingDrafter,
} from "./drafting/branching-drafter.ts";
export { withDraftWeights } from "./drafting/draft-weights.ts";
export {
  checkDrafters,
  createDrafterFactories,
  type DrafterFactory,
  defaultDrafters,
  type TableOptions,
} from "./drafting/drafter-factories.ts";
export {
  type GenerationEvent,
  type GenerationFinished,
  type GenerationParts,
  generate,
} from "./generate.ts";
export {
  type GenerationRequest,
  parseGenerationRequest,
  type RequestLimits,
} from "./generation-request.ts";
export { openSpeculator, type Speculator, type SpeculatorOptions } from "./speculator.ts";
export { createStepScheduler } from "./step-scheduler.ts";
export { ChainPlanner } from "./target/chain-planner.ts";
export { createRowPrice } from "./target/row-price.ts";
export type { StepReport } from "./target/step-loop.ts";
export { SuffixDrafters, type SuffixLimits } from "./target/suffix-drafters.ts";
export { TargetEngine } from "./target/target-engine.ts";
export type { TextStart } from "./target/text-start.ts";
export { readTargetFacts, type TargetFacts } from "./target-facts.ts";
