import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionHost, SessionWorker } from "@adaedl/batching";
import type { AdaedlError } from "@adaedl/core";
import {
  type GrpcServer,
  openGrpcServer,
  type VerificationClient,
  type VerifierDescription,
} from "@adaedl/protocol";
import { type Logger, noTracer, openMetricsServer, type ServiceMetrics } from "@adaedl/telemetry";
import { decodeAnnouncement } from "./announcement.ts";
import { describeVerifier } from "./ingress/describe.ts";
import { openIngress } from "./ingress/open-ingress.ts";
import { createMeter } from "./meter.ts";
import { checkVerifierOptions, type VerifierOptions } from "./options.ts";
import {
  findWorkers,
  joinWorkers,
  offerTokenizer,
  openHub,
  tokenizerReader,
} from "./redis/join.ts";
import type { SessionStart } from "./sessions/session-start.ts";
import {
  closeAll,
  readingsOf,
  statusOf,
  type VerifierParts,
  type VerifierStatus,
} from "./verifier-parts.ts";
import { openTarget } from "./worker/open-target.ts";
import { targetWorker } from "./worker/target-worker.ts";

/** A verifier that serves, in one of its roles. */
export interface RunningVerifier extends AsyncDisposable {
  readonly address: string;
  readonly description: VerifierDescription;
  /** Where it does not listen. */
  readonly client?: VerificationClient | undefined;
  /** Where they are served, or may be by somebody else: it does not listen. */
  readonly metrics?: ServiceMetrics | undefined;
  /** Resolves when the target model is lost: nothing can be served any more. */
  readonly failed: Promise<AdaedlError>;
  /** For logs, tests and metrics. */
  status(): VerifierStatus;
  /** Health says NOT_SERVING, new sessions are refused, running ones have `timeoutMs` to finish. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
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
  const { role = "all", redis, tracer = noTracer } = options;
  checkVerifierOptions(options);
  const parts: VerifierParts = {};
  const meter = createMeter();
  try {
    const id = `v${randomUUID().slice(0, 8)}`;
    if (role !== "worker") parts.ingress = await openIngress(options, id, logger, meter);
    const { listen = "" } = options;
    const server = parts.ingress?.server ?? (await openGrpcServer({ ...options, listen }, []));
    parts.server = server;
    const { metricsListen } = options;
    let metrics: ServiceMetrics | undefined;
    if (metricsListen) parts.metrics = await openMetricsServer(metricsListen, () => metrics);
    if (redis !== undefined) parts.hub = await openHub(redis, id, logger, signal);
    const { hub, ingress } = parts;
    if (role !== "ingress") parts.target = await openTarget(options, logger, meter, signal);
    const { target } = parts;
    if (hub !== undefined && target !== undefined) {
      parts.worker = await joinWorkers(hub, target, options, meter);
      void offerTokenizer(hub, target, logger);
    }
    if (ingress !== undefined && hub !== undefined) {
      parts.redisSessions = await findWorkers(hub, options, logger, meter, signal);
    }
    const announcement = target?.announcement ?? decodeAnnouncement(parts.redisSessions?.facts);
    const description = describeVerifier(announcement, options);
    const isMetered = metricsListen !== undefined || options.listen === undefined;
    const read = () => readingsOf(parts, options.cacheBytes);
    if (isMetered) metrics = meter.open(announcement.modelId, read);
    const readTokenizer =
      target?.packTokenizer ??
      (hub && tokenizerReader(hub, announcement.vocabulary.tokenizerDigest));
    const host = parts.redisSessions ?? (target && inProcess(targetWorker(target, tracer)));
    if (host !== undefined && readTokenizer !== undefined)
      ingress?.serve(description, host, readTokenizer);
    server.setServing(true);
    return running(parts, server, description, metrics);
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

/** The worker as the host of all sessions. */
function inProcess(worker: SessionWorker<SessionStart>): SessionHost<SessionStart> {
  return { open: worker.open, numForwards: () => worker.numForwards };
}

function running(
  parts: VerifierParts,
  server: GrpcServer,
  description: VerifierDescription,
  metrics: ServiceMetrics | undefined,
): RunningVerifier {
  const { ingress, worker, target } = parts;
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
    client: ingress?.client,
    metrics,
    failed,
    status: () => statusOf(parts),
    drain: (timeoutMs) =>
      end(() => {
        server.setServing(false);
        return Promise.all([
          server.drain(timeoutMs),
          worker?.drain().then(() => Promise.race([worker.whenIdle(), timeIsUp(timeoutMs)])),
        ]);
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Keeps no process alive. */
function timeIsUp(timeoutMs: number): Promise<void> {
  return sleep(timeoutMs, undefined, { ref: false });
}
