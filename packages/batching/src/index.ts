export { createMemoryQueue } from "./memory-queue.ts";
export { readMemoryPolicy } from "./redis/memory-policy.ts";
export { openRedisHub, type RedisHub, type RedisHubOptions } from "./redis/redis-hub.ts";
export { openRedisQueue, type RedisQueue, type RedisQueueOptions } from "./redis/redis-queue.ts";
export type { RedisTlsFiles } from "./redis/redis-tls.ts";
export { parseRedisUrl, redactRedisUrl } from "./redis/redis-url.ts";
export {
  openRedisWorker,
  type RedisRoundWorker,
  type RedisWorkerOptions,
  type RunningRedisWorker,
} from "./redis/redis-worker.ts";
export { offerBytes, readBytes } from "./redis/shared-bytes.ts";
export type {
  IngressCodec,
  JobHandler,
  JobRoute,
  QueueLimits,
  RoundQueue,
  RoundWorker,
  WorkerCodec,
} from "./round-queue.ts";
