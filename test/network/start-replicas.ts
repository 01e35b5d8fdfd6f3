import { randomUUID } from "node:crypto";
import type { Logger } from "@adaedl/telemetry";
import {
  type RedisSettings,
  type RunningVerifier,
  startVerifier,
  type VerifierOptions,
  type VerifierStatus,
} from "@adaedl/verifier";

const numWorkers = 3;

/** An ingress and three workers that meet in Redis, to be used like one verifier. */
export async function startReplicas(
  options: VerifierOptions,
  logger: Logger,
  redisAt: Pick<RedisSettings, "url" | "tls"> & Partial<Pick<RedisSettings, "namespace">>,
): Promise<RunningVerifier> {
  const redis = { namespace: randomUUID(), ...redisAt, maxWaiting: 1_000 };
  const maxSlots = Math.ceil(options.maxSlots / numWorkers);
  const workers = await Promise.all(
    Array.from({ length: numWorkers }, () =>
      startVerifier({ ...options, redis, role: "worker", listen: "127.0.0.1:0", maxSlots }, logger),
    ),
  );
  const ingress = await startVerifier({ ...options, redis, role: "ingress" }, logger);
  const all = [ingress, ...workers];

  const sum = (field: keyof VerifierStatus) =>
    all.reduce((total, part) => total + part.status()[field], 0);
  async function endAll(end: (part: RunningVerifier) => Promise<void>): Promise<void> {
    await end(ingress);
    await Promise.all(workers.map(end));
  }
  const close = () => endAll((part) => part.close());
  return {
    ...ingress,
    status: () => ({
      numSessions: sum("numSessions"),
      numSlots: sum("numSlots"),
      numFreeSlots: sum("numFreeSlots"),
      numQueued: sum("numQueued"),
      numEvicted: sum("numEvicted"),
      cacheBytesUsed: sum("cacheBytesUsed"),
      numSteps: sum("numSteps"),
      numWorkers: ingress.status().numWorkers,
    }),
    drain: (timeoutMs) => endAll((part) => part.drain(timeoutMs)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
