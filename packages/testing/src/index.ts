export { findChromium } from "./browser/find-chromium.ts";
export { copyModel } from "./copy-model.ts";
export { hasDockerImages } from "./docker/has-docker-images.ts";
export { findEmulator } from "./find-emulator.ts";
export { type LoopTurns, watchTurns } from "./loop-turns.ts";
export { createTestRandom, type TestRandom } from "./random.ts";
export { findFreePort } from "./redis/free-port.ts";
export { openTestRedis, type TestRedis } from "./redis/open-test-redis.ts";
export { redisCli } from "./redis/redis-cli.ts";
export type { RedisProcess } from "./redis/redis-process.ts";
export { type RedisCluster, startRedisCluster } from "./redis/start-redis-cluster.ts";
export { type RedisSentinel, startRedisSentinel } from "./redis/start-redis-sentinel.ts";
export {
  type RedisServerOptions,
  type RedisServerTls,
  startRedisServer,
} from "./redis/start-redis-server.ts";
export { greedyDecode } from "./reference-model/greedy-decode.ts";
export { loadReferenceModel, type ReferenceModel } from "./reference-model/load-reference-model.ts";
export type { ReferenceConfig } from "./reference-model/reference-config.ts";
export type { RopeScaling } from "./reference-model/rotary-embedding.ts";
export { readModelTensors } from "./reference-model/tensor-file.ts";
export { soakRuns, soakTimeoutMs } from "./soak-runs.ts";
export { type ChiSquareResult, chiSquareTest, totalVariation } from "./statistics.ts";
export { toBfloat16Bits, toFloat16Bits } from "./tiny-model/float-bits.ts";
export { overflowAfter } from "./tiny-model/overflow-after.ts";
export {
  encodeSafetensors,
  type NamedTensor,
  packSafetensors,
  type TensorDtype,
  writeSafetensors,
} from "./tiny-model/safetensors-writer.ts";
export type {
  ResolvedTinyModelOptions,
  TinyModelArchitecture,
  TinyModelOptions,
} from "./tiny-model/tiny-model-options.ts";
export { createTinyTensors } from "./tiny-model/tiny-tensors.ts";
export {
  createTinyTokenizer,
  type TinyTokenizer,
  type TinyTokenizerKind,
} from "./tiny-model/tiny-tokenizer.ts";
export { type TinyModel, writeTinyModel } from "./tiny-model/write-tiny-model.ts";
export { waitUntil } from "./wait-until.ts";
