export { createMemoryQueue } from "./memory-queue.ts";
export { readMemoryPolicy } from "./redis/memory-policy.ts";
export { openRedisHub, type RedisHub, type RedisHubOptions } from "./redis/redis-hub.ts";
export { openRedisQueue, type RedisQueue, type RedisQueueOptions } from "./redis/redis-queue.ts";
export {
  openRedisSessionWorker,
  type RedisSessionWorkerOptions,
  type RunningSessionWorker,
} from "./redis/redis-session-worker.ts";
export {
  openRedisSessions,
  type RedisSessions,
  type RedisSessionsOptions,
} from "./redis/redis-sessions.ts";
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
export type {
  IngressSessionCodec,
  SessionCodec,
  SessionHost,
  SessionRoute,
  SessionWorker,
  UpMessage,
  WorkerSessionCodec,
} from "./session-host.ts";
