import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { Queue, Worker as QueueWorker } from "bullmq";
import { type Connection, connect } from "./connect.ts";
import type { Placement } from "./messages.ts";
import type { RedisHub } from "./redis-hub.ts";

/** Sessions that wait for a worker: the ingress's end of the shared queue. */
export interface PlacementQueue {
  /** @throws AdaedlError `resource_exhausted` when `maxWaiting` sessions wait, `unavailable` */
  add(placement: Placement, client: string, priority: number, maxWaiting: number): Promise<void>;
  /** Whether it still waits. */
  has(jobId: string): Promise<boolean>;
  /** Takes it out, if it still waits. */
  remove(jobId: string): void;
  close(): Promise<void>;
}

/** The highest number BullMQ takes as a priority; 1 comes first. */
const lowestPriority = 2_097_152;
const retryAfterMs = 500;
/** So long a session that is being taken may take, once no more are. */
const goodbyeMs = 500;

/** One queue for workers of the same kind. In a cluster all its keys are in one slot. */
function queueOf(hub: RedisHub, kind: string) {
  return { name: `sessions-${kind}`, prefix: `{adaedl-${hub.namespace}}` };
}

/** @param kind of workers; letters and digits */
export function openPlacementQueue(hub: RedisHub, kind: string): PlacementQueue {
  const { name, prefix } = queueOf(hub, kind);
  const queue = new Queue<Placement>(name, {
    connection: hub.connection,
    prefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
    // Nobody reads BullMQ's own events.
    streams: { events: { maxLen: 10 } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  queue.on("error", () => {}); // the hub knows
  /** On their way into the queue, and not in its counts yet. */
  let numAdding = 0;

  return {
    async add(placement, client, priority, maxWaiting) {
      try {
        const { waiting = 0, prioritized = 0 } = await queue.getJobCounts("waiting", "prioritized");
        if (waiting + prioritized + numAdding >= maxWaiting)
          throw new AdaedlError("resource_exhausted", `${maxWaiting} sessions wait for a place`, {
            field: "queue",
            retryAfterMs,
          });
        numAdding++;
        const options = {
          jobId: placement.jobId,
          priority: Math.min(priority, lowestPriority),
        };
        await queue.add(client, placement, options).finally(() => numAdding--);
      } catch (error) {
        throw hub.errorOf(error);
      }
    },
    async has(jobId) {
      const state = await queue.getJobState(jobId);
      return state === "waiting" || state === "prioritized";
    },
    remove(jobId) {
      queue.remove(jobId).catch(() => {}); // at worst a worker offers itself in vain
    },
    close: () => queue.close(),
  };
}

/** The worker's end: it takes sessions one by one, while it has room. */
export interface PlacementSource {
  /**
   * @param waits whether to wait some seconds for one
   * @returns undefined when there is none, or the source was closed
   */
  take(waits: boolean): Promise<unknown>;
  /** Whose session is next; undefined where none waits. */
  nextClient(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** @param onStalled told of a session that a worker took and did not claim before it died */
export function openPlacementSource(
  hub: RedisHub,
  kind: string,
  onStalled: () => void,
): PlacementSource {
  const { name, prefix } = queueOf(hub, kind);
  const connection: Connection = connect(hub.target, "jobs", hub.tls);
  connection.on("error", () => {}); // the hub knows
  const source = new QueueWorker<Placement>(name, null, {
    connection,
    prefix,
    autorun: false,
    skipVersionCheck: true,
    drainDelay: 2,
    runRetryDelay: 250,
    // A session whose worker died has been placed anew long before this is noticed.
    maxStalledCount: 0,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  source.on("error", () => {});
  source.on("stalled", onStalled);
  source.startStalledCheckTimer().catch(() => {});

  async function takeNext(waits: boolean): Promise<unknown> {
    const job = await source.getNextJob(hub.id, { block: waits });
    if (job === undefined) return undefined;
    // Whoever took it offers himself at once, and is watched from then on by other means.
    await job.moveToCompleted(undefined, hub.id, false);
    return job.data;
  }
  async function readNextClient(): Promise<string | null | undefined> {
    const [jobId] = await connection.zrange(source.toKey("prioritized"), "0", "0");
    return jobId === undefined ? undefined : connection.hget(source.toKey(jobId), "name");
  }
  let taking: Promise<unknown> = Promise.resolve();
  let onClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });

  return {
    nextClient: async () => (await Promise.race([readNextClient(), closed])) ?? undefined,
    take(waits) {
      taking = takeNext(waits).catch((error: unknown) => {
        throw hub.errorOf(error);
      });
      return Promise.race([taking, closed]);
    },
    async close() {
      await source.close(true).catch(() => {});
      // A session that is half taken would be nobody's; a Redis that is away is not waited for.
      await Promise.race([taking.catch(() => {}), sleep(goodbyeMs, undefined, { ref: false })]);
      onClosed(); // where Redis is away BullMQ may never come back
      connection.disconnect();
    },
  };
}
