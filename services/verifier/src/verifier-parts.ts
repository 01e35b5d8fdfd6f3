import type { RedisHub, RedisSessions, RunningSessionWorker } from "@adaedl/batching";
import type { GrpcServer } from "@adaedl/protocol";
import { type MetricsServer, readProcessMemory } from "@adaedl/telemetry";
import type { Ingress } from "./ingress/open-ingress.ts";
import type { VerifierReadings } from "./meter.ts";
import type { SessionStart } from "./sessions/session-start.ts";
import type { OpenedTarget } from "./worker/open-target.ts";

/** What of a verifier is open; which parts it has depends on its role. */
export interface VerifierParts {
  hub?: RedisHub | undefined;
  server?: GrpcServer;
  ingress?: Ingress;
  target?: OpenedTarget;
  worker?: RunningSessionWorker;
  redisSessions?: RedisSessions<SessionStart>;
  metrics?: MetricsServer;
}

/** For logs, tests and metrics. */
export interface VerifierStatus {
  /** Streams of draft services. */
  readonly numSessions: number;
  /** Sessions with rows in memory. */
  readonly numSlots: number;
  readonly numFreeSlots: number;
  /** Sessions whose prefix is not computed yet: they wait for a worker, a place or a step. */
  readonly numQueued: number;
  readonly numEvicted: number;
  readonly cacheBytesUsed: number;
  readonly numSteps: number;
  /** Workers that can be seen. */
  readonly numWorkers: number;
}

export function statusOf(parts: VerifierParts): VerifierStatus {
  const { ingress, worker, target, redisSessions } = parts;
  return {
    numSessions: ingress?.numSessions ?? 0,
    numSlots: target?.engine.numSessions ?? 0,
    numFreeSlots: target?.engine.numFreeSlots ?? 0,
    numQueued: ingress?.numOpening ?? worker?.numOpening ?? 0,
    numEvicted: target?.engine.numEvicted ?? 0,
    cacheBytesUsed: target?.engine.cacheBytesUsed ?? 0,
    numSteps: target?.engine.numForwards ?? 0,
    numWorkers: redisSessions?.workers.size ?? (target === undefined ? 0 : 1),
  };
}

/** Metrics that are read when they are scraped. */
export function readingsOf(parts: VerifierParts, cacheBytes: number): VerifierReadings {
  const { ingress, worker, target, redisSessions } = parts;
  const engine = target?.engine;
  const counts = engine?.counts;
  return {
    num_requests_running: ingress?.numSessions ?? engine?.numSessions,
    // An ingress counts those that look for a worker, a worker those that wait for their prefix.
    num_requests_waiting: worker?.numOpening ?? redisSessions?.numWaiting ?? ingress?.numOpening,
    num_free_slots: engine?.numFreeSlots,
    kv_cache_usage_perc: engine && engine.cacheBytesUsed / cacheBytes,
    kv_cache_bytes: engine?.cacheBytesUsed,
    ...readProcessMemory(),
    num_workers: redisSessions?.workers.size,
    generation_tokens_total: counts?.numTokens,
    commits_total: counts && {
      verified: counts.numVerified,
      left_out: counts.numLeftOut,
      none: counts.numBare,
    },
    draft_nodes_offered_total: counts?.numOffered,
    draft_nodes_dropped_total: counts && { late: counts.numLate, dead: counts.numDead },
    spec_decode_num_drafts_total: counts?.numVerified,
    spec_decode_num_draft_tokens_total: counts?.numJudged,
    spec_decode_num_accepted_tokens_total: counts?.numAccepted,
    own_draft_tokens_total: counts?.numVerifierDrafted,
    own_draft_tokens_accepted_total: counts?.numVerifierAccepted,
  };
}

/** Streams first, then who answers them; whoever hears of it goes elsewhere at once. */
export async function closeAll(parts: VerifierParts): Promise<void> {
  const { metrics, server, worker, redisSessions, target, hub } = parts;
  await metrics?.close();
  await server?.close();
  redisSessions?.close();
  await worker?.close();
  await redisSessions?.end();
  await target?.close();
  await hub?.close();
}
