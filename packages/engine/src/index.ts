export {
  type ModelInfo,
  type ModelThread,
  type ModelThreadOptions,
  maxThreads,
  openModelThread,
  type SlotSettings,
} from "@adaedl/runtime";
export { type DraftSession, openDraftSession } from "./draft-session.ts";
export {
  type BranchingDrafter,
  maxDraftWidth,
  openBranchingDrafter,
} from "./drafting/branching-drafter.ts";
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
  type ValidGenerationRequest,
} from "./generation-request.ts";
export { openSpeculator, type Speculator, type SpeculatorOptions } from "./speculator.ts";
export type { StepCaller } from "./step-former.ts";
export { createStepScheduler, type StepReport } from "./step-scheduler.ts";
export {
  createTargetEngine,
  type RoundAnswer,
  type RoundRequest,
  type SessionOpened,
  type SessionStart,
  type TargetEngine,
  type TargetEngineOptions,
} from "./target-engine.ts";
export { readTargetFacts, type TargetFacts } from "./target-facts.ts";
export { openTargetSession, type TargetSession } from "./target-session.ts";
