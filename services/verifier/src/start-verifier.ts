import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createMemoryQueue,
  type RedisHub,
  type RedisQueue,
  type RoundQueue,
  type RunningRedisWorker,
} from "@adaedl/batching";
import { AdaedlError } from "@adaedl/core";
import { type GrpcServer, openGrpcServer, type VerifierDescription } from "@adaedl/protocol";
import type { Logger, MetricsServer, VerifierGauges } from "@adaedl/telemetry";
import { describeVerifier } from "./ingress/describe.ts";
import { type Ingress, openIngress } from "./ingress/open-ingress.ts";
import { decodeAnnouncement } from "./jobs/announcement.ts";
import type { TargetAnswer, TargetJob } from "./jobs/target-job.ts";
import { createMeter } from "./meter.ts";
import type { VerifierOptions } from "./options.ts";
import { joinQueue, joinWorkers, openHub } from "./redis/join.ts";
import { type OpenedTarget, openTarget } from "./worker/open-target.ts";
import { targetWorker } from "./worker/target-worker.ts";

/** A verifier that serves, in one of its roles. */
export interface RunningVerifier extends AsyncDisposable {
  readonly address: string;
  readonly description: VerifierDescription;
  /** Resolves when the target model is lost: nothing can be served any more. */
  readonly failed: Promise<AdaedlError>;
  /** For logs, tests and metrics. */
  status(): VerifierStatus;
  /** Health says NOT_SERVING, new sessions are refused, running ones have `timeoutMs` to finish. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

export interface VerifierStatus {
  /** Streams of draft services. */
  readonly numSessions: number;
  /** Sessions with rows in memory. */
  readonly numSlots: number;
  readonly numFreeSlots: number;
  readonly numQueued: number;
  readonly numEvicted: number;
  readonly cacheBytesUsed: number;
  readonly numSteps: number;
  /** Workers that can be seen. */
  readonly numWorkers: number;
}

/** What of a verifier is open; which parts it has depends on its role. */
interface Parts {
  hub?: RedisHub | undefined;
  server?: GrpcServer;
  ingress?: Ingress;
  target?: OpenedTarget;
  worker?: RunningRedisWorker;
  queue?: RoundQueue<TargetJob, TargetAnswer>;
  redisQueue?: RedisQueue<TargetJob, TargetAnswer>;
  metrics?: MetricsServer;
}

/**
 * Starts a verifier. It listens first and serves when its model is open, or a worker is found.
 * @throws AdaedlError when the model cannot be run or the address not be listened on, or what the
 *   signal was aborted with; nothing is left open then
 */
export async function startVerifier(
  options: VerifierOptions,
  logger: Logger,
  signal?: AbortSignal,
): Promise<RunningVerifier> {
  const { role = "all", redis } = options;
  if (role !== "all" && redis === undefined)
    throw new AdaedlError("invalid_argument", `redisUrl must be given for the role ${role}`, {
      field: "redisUrl",
    });
  const parts: Parts = {};
  const meter = createMeter();
  try {
    const id = `v${randomUUID().slice(0, 8)}`;
    if (role !== "worker") parts.ingress = await openIngress(options, id, logger, meter);
    const server = parts.ingress?.server ?? (await openGrpcServer(options, []));
    parts.server = server;
    if (redis !== undefined) parts.hub = await openHub(redis, id, logger, signal);
    const { hub, ingress } = parts;
    if (role !== "ingress") parts.target = await openTarget(options, logger, meter, signal);
    const { target } = parts;
    if (hub !== undefined && target !== undefined)
      parts.worker = await joinWorkers(hub, target, options, meter);
    if (ingress !== undefined && hub !== undefined) {
      parts.redisQueue = await joinQueue(hub, options, logger, meter, signal);
      parts.queue = parts.redisQueue;
    } else if (target !== undefined) {
      const limits = { maxQueued: options.maxQueuedRounds, maxRunning: options.maxSlots };
      parts.queue = createMemoryQueue(targetWorker(target.engine), limits);
    }
    const announcement = target?.announcement ?? decodeAnnouncement(parts.redisQueue?.facts);
    const description = describeVerifier(announcement, options);
    if (options.metricsListen !== undefined) {
      const read = () => gaugesOf(parts, options);
      parts.metrics = await meter.serve(options.metricsListen, announcement.modelId, read);
    }
    if (parts.queue !== undefined) ingress?.serve(description, parts.queue);
    server.setServing(true);
    return running(parts, server, description);
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

function running(
  parts: Parts,
  server: GrpcServer,
  description: VerifierDescription,
): RunningVerifier {
  const { ingress, worker, target, queue, redisQueue } = parts;
  const failed = (target?.lost ?? new Promise<never>(() => {})).then((error) => {
    server.setServing(false);
    return error;
  });
  let ended: Promise<void> | undefined;
  const end = (finish: () => Promise<unknown>) => {
    ingress?.drain();
    ended ??= finish().then(() => closeAll(parts));
    return ended;
  };
  const close = async () => {
    await server.close(); // also in the middle of a drain
    await end(async () => {});
  };
  return {
    address: server.address,
    description,
    failed,
    status: () => ({
      numSessions: ingress?.numSessions ?? 0,
      numSlots: target?.engine.numSessions ?? 0,
      numFreeSlots: target?.engine.numFreeSlots ?? 0,
      numQueued: (queue?.numQueued ?? 0) + (worker?.numQueued ?? 0),
      numEvicted: target?.engine.numEvicted ?? 0,
      cacheBytesUsed: target?.engine.cacheBytesUsed ?? 0,
      numSteps: target?.numSteps() ?? 0,
      numWorkers: redisQueue?.workers.size ?? (target === undefined ? 0 : 1),
    }),
    drain: (timeoutMs) =>
      end(() => {
        server.setServing(false);
        return Promise.all([
          server.drain(timeoutMs),
          worker?.drain().then(() => Promise.race([worker.whenIdle(), sleep(timeoutMs)])),
        ]);
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What autoscalers go by. */
function gaugesOf(parts: Parts, { cacheBytes }: VerifierOptions): VerifierGauges {
  const { ingress, worker, target, queue, redisQueue } = parts;
  return {
    numRunning: ingress?.numSessions ?? target?.engine.numSessions,
    // An ingress counts those that look for a worker, a worker the rounds of all ingresses.
    numWaiting: worker?.numQueued ?? redisQueue?.numWaiting ?? queue?.numQueued,
    numFreeSlots: target?.engine.numFreeSlots,
    cacheUsage: target && target.engine.cacheBytesUsed / cacheBytes,
    numWorkers: redisQueue?.workers.size,
  };
}

/** Streams first, then who answers them; whoever hears of it goes elsewhere at once. */
async function closeAll(parts: Parts): Promise<void> {
  const { metrics, server, queue, worker, redisQueue, target, hub } = parts;
  await metrics?.close();
  await server?.close();
  queue?.close();
  await worker?.close();
  await redisQueue?.end();
  await target?.close();
  await hub?.close();
}
