export { maxThreads } from "@adaedl/runtime";
export { type DraftSession, openDraftSession } from "./draft-session.ts";
export type { GenerationEvent, GenerationFinished } from "./generate.ts";
export {
  type GenerationRequest,
  parseGenerationRequest,
  type RequestLimits,
  type ValidGenerationRequest,
} from "./generation-request.ts";
export { openSpeculator, type Speculator, type SpeculatorOptions } from "./speculator.ts";
export { readTargetFacts, type TargetFacts } from "./target-facts.ts";
export { openTargetSession, type TargetSession } from "./target-session.ts";
