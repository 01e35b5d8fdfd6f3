export type {
  ErrorMessage,
  ModelInfo,
  ModelThreadOptions,
  RowRead,
  RowResult,
  SlotResult,
  SlotSettings,
  SlotStep,
} from "./messages.ts";
export { type ModelThread, openModelThread } from "./model-thread.ts";
