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
export type { StepReport } from "./step-report.ts";
export { createStepScheduler } from "./step-scheduler.ts";
export {
  createStreamEngine,
  type StreamEngine,
  type StreamEngineOptions,
} from "./target/stream-engine.ts";
export type { TextStart } from "./target/text-start.ts";
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
