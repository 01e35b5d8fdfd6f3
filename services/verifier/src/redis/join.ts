import {
  offerBytes,
  openRedisHub,
  openRedisSessions,
  openRedisSessionWorker,
  type RedisHub,
  type RedisSessions,
  type RunningSessionWorker,
  readBytes,
  readMemoryPolicy,
} from "@adaedl/batching";
import { type Logger, noTracer } from "@adaedl/telemetry";
import {
  announcedDifference,
  encodeAnnouncement,
  isAnnounced,
  kindOf,
  limitsOf,
} from "../announcement.ts";
import type { Meter } from "../meter.ts";
import type { RedisSettings, VerifierOptions } from "../options.ts";
import { ingressSessionCodec, workerSessionCodec } from "../sessions/session-codec.ts";
import type { SessionStart } from "../sessions/session-start.ts";
import type { OpenedTarget } from "../worker/open-target.ts";
import { targetWorker } from "../worker/target-worker.ts";

/** After so long without a worker the log says what is waited for. */
const patienceMs = 1_000;

/**
 * This process's place in Redis.
 * @throws AdaedlError what the signal was aborted with, `internal` where the Redis user lacks rights
 */
export async function openHub(
  redis: RedisSettings,
  id: string,
  logger: Logger,
  signal?: AbortSignal,
): Promise<RedisHub> {
  const onWaiting = (error: string) => logger.warn({ error }, "waiting for Redis");
  const onDenied = (error: Error) =>
    logger.error({ error: error.message }, "Redis denied a command");
  const onRefused = (numPublications: number) =>
    logger.warn(
      { numPublications },
      "refused messages from Redis: not signed, too large or too many",
    );
  const hub = await openRedisHub({ ...redis, id, onWaiting, onDenied, onRefused }, signal);
  hub.onDown((error) => logger.warn({ error: error.message }, "Redis is away"));
  hub.onUp(() => logger.info({}, "Redis is there"));
  const policy = await readMemoryPolicy(hub);
  if (policy !== undefined && policy !== "noeviction")
    logger.warn(
      { policy },
      "Redis may throw away sessions that wait: set its maxmemory-policy to noeviction",
    );
  return hub;
}

/** Offers the model to all ingresses. */
export function joinWorkers(
  hub: RedisHub,
  target: OpenedTarget,
  { maxSlots, idleTimeoutMs, tracer = noTracer }: VerifierOptions,
  meter: Meter,
): Promise<RunningSessionWorker> {
  const { announcement } = target;
  const codec = workerSessionCodec(announcement, limitsOf(announcement));
  return openRedisSessionWorker(hub, targetWorker(target, tracer), codec, {
    numPlaces: maxSlots,
    kind: kindOf(announcement),
    facts: encodeAnnouncement(announcement),
    forgetAfterMs: 3 * idleTimeoutMs, // its ingress would have ended it long before
    onStalled: meter.onStalled,
  });
}

/** Offers the target's tokenizer files to ingresses, which have no model directory. */
export async function offerTokenizer(
  hub: RedisHub,
  target: OpenedTarget,
  logger: Logger,
): Promise<void> {
  const { tokenizerDigest } = target.announcement.vocabulary;
  try {
    offerBytes(hub, tokenizerName(tokenizerDigest), await target.packTokenizer());
  } catch (error) {
    logger.warn({ error: String(error) }, "the tokenizer cannot be sent to draft services");
  }
}

/** Reads the tokenizer files that a worker offers, and keeps them. */
export function tokenizerReader(hub: RedisHub, tokenizerDigest: string): () => Promise<Uint8Array> {
  let bundle: Promise<Uint8Array> | undefined;
  return () => {
    bundle ??= readBytes(hub, tokenizerName(tokenizerDigest)).catch((error) => {
      bundle = undefined; // asked again with the next request
      throw error;
    });
    return bundle;
  };
}

const tokenizerName = (digest: string) => `tokenizer:${digest}`;

/** Finds the workers. @throws AdaedlError what the signal was aborted with while there was none */
export async function findWorkers(
  hub: RedisHub,
  { redis, maxSessions }: VerifierOptions,
  logger: Logger,
  meter: Meter,
  signal?: AbortSignal,
): Promise<RedisSessions<SessionStart>> {
  let first: unknown;
  const waiting = setTimeout(() => logger.warn({}, "waiting for a worker"), patienceMs);
  return openRedisSessions(
    hub,
    ingressSessionCodec,
    {
      maxSessions,
      maxWaiting: redis?.maxWaiting ?? maxSessions,
      onPlaced: meter.onPlaced,
      onWorkerFound(worker, facts) {
        first ??= facts;
        const difference = announcedDifference(facts, first);
        if (difference === "") logger.info({ worker }, "worker found");
        else logger.warn({ worker, difference }, "worker found, texts that move there may change");
      },
      onWorkerLost(worker, numSessions, hasLeft) {
        if (hasLeft) logger.info({ worker, numSessions }, "worker left");
        else {
          meter.onWorkerLost();
          logger.warn({ worker, numSessions }, "worker lost");
        }
      },
      accepts: isAnnounced,
      onStranger: (worker, facts, expected) =>
        logger.error(
          { worker, difference: announcedDifference(facts, expected) },
          "a worker has another model or other limits: it is left out",
        ),
    },
    signal,
  ).finally(() => clearTimeout(waiting));
}
