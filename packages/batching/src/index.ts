export { createMemoryQueue } from "./memory-queue.ts";
export type { RedisTls } from "./redis/connect.ts";
export { readMemoryPolicy } from "./redis/memory-policy.ts";
export { openRedisHub, type RedisHub, type RedisHubOptions } from "./redis/redis-hub.ts";
export { openRedisQueue, type RedisQueue, type RedisQueueOptions } from "./redis/redis-queue.ts";
export { parseRedisUrl, redactRedisUrl } from "./redis/redis-url.ts";
export {
  openRedisWorker,
  type RedisRoundWorker,
  type RedisWorkerOptions,
  type RunningRedisWorker,
} from "./redis/redis-worker.ts";
export type {
  JobCodec,
  JobHandler,
  JobRoute,
  QueueLimits,
  RoundQueue,
  RoundWorker,
} from "./round-queue.ts";
