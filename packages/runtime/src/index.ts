export type {
  ErrorMessage,
  ModelInfo,
  ModelThreadOptions,
  ProposeRead,
  RowRead,
  RowResult,
  SlotResult,
  SlotSettings,
  SlotStep,
} from "./messages.ts";
export { type ModelThread, maxThreads, openModelThread } from "./model-thread.ts";
export { withNumerics } from "./numerics.ts";
export { openTokenizerThread, type TokenizerThread } from "./tokenizer-thread.ts";
export { openWorkerChannel } from "./worker-channel.ts";
export { workerEntry } from "./worker-entry.ts";
