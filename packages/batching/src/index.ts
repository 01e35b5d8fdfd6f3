export { createMemoryQueue } from "./memory-queue.ts";
export type { JobHandler, QueueLimits, RoundQueue } from "./round-queue.ts";
