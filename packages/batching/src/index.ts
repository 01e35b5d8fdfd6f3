export { readMemoryPolicy } from "./redis/memory-policy.ts";
export { openRedisHub, type RedisHub, type RedisHubOptions } from "./redis/redis-hub.ts";
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
export { parseRedisUrl } from "./redis/redis-url.ts";
export { offerBytes, readBytes } from "./redis/shared-bytes.ts";
export type {
  IngressSessionCodec,
  SessionCodec,
  SessionHost,
  SessionRoute,
  SessionWorker,
  UpMessage,
  WorkerSessionCodec,
} from "./session-host.ts";
