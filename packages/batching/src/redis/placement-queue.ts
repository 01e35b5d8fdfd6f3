import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import { type Job, type JobJson, Queue, Worker as QueueWorker } from "bullmq";
import * as z from "zod/mini";
import { connect } from "./connect.ts";
import { id } from "./messages.ts";
import type { RedisHub } from "./redis-hub.ts";

/** A session that waits in Redis until a worker has a place for it. */
export interface Placement {
  readonly channelId: string;
  readonly ingressId: string;
  /** What the session begins with, as the service's codec writes it. */
  readonly start: string;
}

/** The largest Open has 4 MiB, and a third more in base64. */
const maxJobLength = 6 << 20;
const maxHeadLength = 1_000;
const head = z.object({ channelId: id, ingressId: id });

/** The ingress's end of the shared queue. */
export interface PlacementQueue {
  /**
   * @returns the job's id
   * @throws AdaedlError `resource_exhausted` when `maxWaiting` sessions wait, `out_of_range` when it is
   *   too large, `unavailable`
   */
  add(placement: Placement, client: string, priority: number, maxWaiting: number): Promise<string>;
  /** Whether it still waits. */
  has(jobId: string): Promise<boolean>;
  /** Takes it out, if it still waits. */
  remove(jobId: string): void;
  close(): Promise<void>;
}

/** The highest number BullMQ takes as a priority; 1 comes first. */
const lowestPriority = 2_097_152;
const retryAfterMs = 500;
/** On close: how long to wait for a session that is being taken. */
const goodbyeMs = 500;

/** One queue for workers of the same kind. In a cluster all its keys are in one slot. */
function queueOf(hub: RedisHub, kind: string) {
  const name = `sessions-${kind}`;
  const prefix = `{adaedl-${hub.namespace}}`;
  const options = { connection: hub.connection, prefix, skipVersionCheck: true };
  return { name, options, place: `${prefix}:${name}` };
}

function openQueue(hub: RedisHub, kind: string): Queue<string> {
  const { name, options } = queueOf(hub, kind);
  const queue = new Queue<string>(name, {
    ...options,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    // Nobody reads BullMQ's own events.
    streams: { events: { maxLen: 10 } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  queue.on("error", () => {}); // the hub knows
  return queue;
}

/** @param kind of workers; letters and digits */
export function openPlacementQueue(hub: RedisHub, kind: string): PlacementQueue {
  const queue = openQueue(hub, kind);
  const { place } = queueOf(hub, kind);
  /** On their way into the queue, and not in its counts yet. */
  let numAdding = 0;

  return {
    async add({ start, ...ids }, client, priority, maxWaiting) {
      const text = hub.seal.seal(place, `${JSON.stringify(ids)}\n${start}`);
      if (text.length > maxJobLength - maxHeadLength)
        throw new AdaedlError("out_of_range", "the session's prefix is too large for Redis");
      try {
        const { waiting = 0, prioritized = 0 } = await queue.getJobCounts("waiting", "prioritized");
        if (waiting + prioritized + numAdding >= maxWaiting)
          throw new AdaedlError("resource_exhausted", `${maxWaiting} sessions wait for a place`, {
            field: "queue",
            retryAfterMs,
          });
        numAdding++;
        const jobId = randomUUID();
        const options = { jobId, priority: Math.min(priority, lowestPriority) };
        const name = hub.seal.seal(placeOfName(place, jobId), client);
        await queue.add(name, text, options).finally(() => numAdding--);
        return jobId;
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
   * @returns undefined when there is none, or the source was closed; "refused" for a job that no ingress
   *   with the right secret can have added
   */
  take(waits: boolean): Promise<Placement | "refused" | undefined>;
  /** Whose session is next; undefined where none waits, "refused" as above: to be taken, and dropped. */
  nextClient(): Promise<{ readonly client: string } | "refused" | undefined>;
  /** Empties the queue: ingresses notice, and add theirs again. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Whoever reaches Redis can add jobs: BullMQ parses no data that no ingress can have added. */
class Source extends QueueWorker<string> {
  protected override createJob(json: JobJson, jobId: string): Job<string> {
    const isText = json.data.length <= maxJobLength && json.data.startsWith('"');
    try {
      if (isText) return super.createJob(json, jobId);
    } catch {} // not JSON
    return super.createJob({ ...json, data: '""' }, jobId);
  }
}

/** @param onStalled told of a session that a worker took and did not claim before it died */
export function openPlacementSource(
  hub: RedisHub,
  kind: string,
  onStalled: () => void,
): PlacementSource {
  const { name, options, place } = queueOf(hub, kind);
  const connection = connect(hub.target, "jobs", hub.tls);
  connection.on("error", () => {}); // the hub knows
  const source = new Source(name, null, {
    ...options,
    connection,
    autorun: false,
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

  /** A queue that has jobs and gives none has ids without a job. */
  async function hasJobs(): Promise<boolean> {
    const numWaiting = await connection.llen(source.toKey("wait"));
    return numWaiting + (await connection.zcard(source.toKey("prioritized"))) > 0;
  }
  async function takeNext(waits: boolean): Promise<Placement | "refused" | undefined> {
    const job = await source.getNextJob(hub.id, { block: waits });
    if (job === undefined) return (await hasJobs()) ? "refused" : undefined;
    // Its worker claims it at once, and is watched from then on by other means.
    await job.moveToCompleted(undefined, hub.id, false);
    return readPlacement(hub.seal.open(place, job.data)) ?? "refused";
  }
  async function readNextClient(): ReturnType<PlacementSource["nextClient"]> {
    const [jobId] = await connection.zrange(source.toKey("prioritized"), "0", "0");
    if (jobId === undefined) return undefined;
    const name = await connection.hget(source.toKey(jobId), "name");
    if (name === null) return undefined; // it was taken meanwhile
    const client = hub.seal.open(placeOfName(place, jobId), name);
    return client === undefined ? "refused" : { client };
  }
  let taking: Promise<unknown> = Promise.resolve();
  let onClosed: () => void = () => {};
  const closed = new Promise<undefined>((resolve) => {
    onClosed = () => resolve(undefined);
  });

  return {
    nextClient: () => Promise.race([readNextClient(), closed]),
    take(waits) {
      const taken = takeNext(waits).catch((error: unknown) => {
        throw hub.errorOf(error);
      });
      taking = taken;
      return Promise.race([taken, closed]);
    },
    async drain() {
      const queue = openQueue(hub, kind);
      await queue.drain().finally(() => queue.close());
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

/** A signed name is of its own job: of another one it would be a lie. */
function placeOfName(place: string, jobId: string): string {
  return `${place}:${jobId}`;
}

function readPlacement(text: string | undefined): Placement | undefined {
  const end = text?.indexOf("\n") ?? -1;
  if (text === undefined || end < 0 || end > maxHeadLength) return undefined;
  try {
    const { data } = head.safeParse(JSON.parse(text.slice(0, end)));
    return data && { ...data, start: text.slice(end + 1) };
  } catch {
    return undefined;
  }
}
