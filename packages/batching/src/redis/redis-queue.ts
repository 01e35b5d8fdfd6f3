import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { IngressCodec, RoundQueue } from "../round-queue.ts";
import { addresses, takesReported } from "./addresses.ts";
import { followWorkers } from "./follow-workers.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createInbox } from "./inbox.ts";
import type { Beat } from "./messages.ts";
import { notThere } from "./not-there.ts";
import { orAborted } from "./or-aborted.ts";
import { createPendingJobs, type PendingJob } from "./pending-jobs.ts";
import type { RedisHub } from "./redis-hub.ts";
import { createSessionPlaces } from "./session-places.ts";
import { watchPlacements } from "./watch-placements.ts";

export interface RedisQueueOptions {
  /** Jobs of this ingress that have not ended. */
  readonly maxQueued: number;
  /** Sessions of all ingresses that wait for a worker. */
  readonly maxWaiting: number;
  /** Told how long a session waited for a worker, in milliseconds. */
  onPlaced?(waitMs: number): void;
  onWorkerFound?(workerId: string): void;
  /** @param hasLeft whether it said so; else it fell silent */
  onWorkerLost?(workerId: string, numSessions: number, hasLeft: boolean): void;
  /** A worker of another kind than the first one; told once for each. */
  onStranger?(workerId: string): void;
}

/** The queue as an ingress sees it: its jobs are run by workers somewhere. */
export interface RedisQueue<Job, Answer> extends RoundQueue<Job, Answer> {
  /** What the first worker said of itself: all that are used are of its kind. */
  readonly facts: unknown;
  /** Sessions of this ingress that wait for a worker. */
  readonly numWaiting: number;
  /** The workers that are there. */
  readonly workers: ReadonlyMap<string, Beat>;
  /** Says good-bye. The hub is not closed. */
  end(): Promise<void>;
}

const retryAfterMs = 100;

/**
 * Opens the ingress's side of the queue, as soon as there is a worker.
 *
 * A job that opens a session waits in Redis until a worker with room takes it; from then on the
 * session is that worker's, and its rounds go there directly. Only this ingress knows who has which
 * of its sessions: the first worker that claims one has it, any later one is sent away. A worker whose
 * beats stop is gone with all sessions it had: whoever asks for one of them gets `not_found`.
 *
 * @throws AdaedlError what the signal was aborted with while there was no worker
 */
export async function openRedisQueue<Job, Answer>(
  hub: RedisHub,
  codec: IngressCodec<Job, Answer>,
  options: RedisQueueOptions,
  signal?: AbortSignal,
): Promise<RedisQueue<Job, Answer>> {
  const { maxQueued, maxWaiting } = options;
  const places = createSessionPlaces();
  let numJobs = 0;
  let isClosed = false;

  const jobs = createPendingJobs<Answer>(hub, codec, (job, workerId, numLosses) => {
    places.place(job.sessionId, workerId);
    workers.expect(workerId); // it may have died with its first beat unsaid
    options.onPlaced?.(performance.now() - job.since);
    const known = workers.members.get(workerId);
    if (known !== undefined && known.numLosses > numLosses) job.inbox.fail(notThere(job.sessionId));
  });
  const workers = followWorkers({
    onFound: (workerId) => options.onWorkerFound?.(workerId),
    onLost(workerId, hasLeft) {
      const numSessions = places.loseWorker(workerId);
      jobs.fail((job) => job.workerId === workerId, notThere);
      options.onWorkerLost?.(workerId, numSessions, hasLeft);
    },
    onLosses: jobs.askAgain,
    onStranger: (workerId) => options.onStranger?.(workerId),
  });

  hub.onTick(() => {
    if (hub.isUp) workers.tick(); // who is deaf hears nobody
  });
  hub.onUp(workers.pardon);
  hub.onDown((error) => {
    const isElsewhere = ({ workerId }: PendingJob<Answer>) => workerId !== hub.id;
    jobs.fail(isElsewhere, () => error);
  });
  await hub.listen(addresses.ingress(hub.id), jobs.hear);
  await hub.listen(addresses.workers, workers.hear);
  const heartbeat = startHeartbeat(hub, addresses.ingresses, () => {
    const nothing = { numSessions: 0, numPlaces: 0, numForwards: 0 };
    return { kind: "", facts: null, ...nothing, numQueued: jobs.all.size };
  });
  const { kind, facts } = await orAborted(workers.first, signal);
  const { openPlacementQueue } = await import("./placement-queue.ts");
  const placements = openPlacementQueue(hub, kind);
  watchPlacements(hub, placements, () =>
    [...jobs.all.values()]
      .filter(({ opens, workerId }) => opens && workerId === undefined)
      .map((job) => ({ ...job, fail: job.inbox.fail })),
  );

  /** Sends the job to who has its session, or to the queue of those that look for a worker. */
  async function dispatch(job: PendingJob<Answer>, client: string): Promise<void> {
    const { jobId, sessionId, opens, plain } = job;
    const workerId = places.workerOf(sessionId);
    if (!hub.isUp && (opens || workerId !== hub.id))
      throw new AdaedlError("unavailable", "Redis cannot be reached");
    if (opens) {
      if (workers.members.size === 0) throw new AdaedlError("unavailable", "there is no worker");
      // Who has fewer sessions is served first; among equals, who came first.
      const priority = places.add(sessionId, client);
      const placement = { jobId, ingressId: hub.id, sessionId, job: plain };
      await placements.add(placement, priority, maxWaiting);
      if (!jobs.all.has(jobId)) placements.remove(jobId); // it was given up in the meantime
      return;
    }
    if (workerId === undefined) throw notThere(sessionId);
    job.workerId = workerId;
    jobs.send(job);
  }

  return {
    facts,
    workers: workers.members,
    get numQueued() {
      return jobs.all.size;
    },
    get numWaiting() {
      let count = 0;
      for (const { opens, workerId } of jobs.all.values())
        if (opens && workerId === undefined) count++;
      return count;
    },

    async *submit(job, signal) {
      throwIfAborted(signal);
      if (isClosed) throw new AdaedlError("unavailable", "the queue is closed");
      if (jobs.all.size >= maxQueued)
        throw new AdaedlError("resource_exhausted", `${maxQueued} rounds are queued`, {
          field: "queue",
          retryAfterMs,
        });
      const { sessionId, opens, client } = codec.routeOf(job);
      const jobId = `s-${sessionId.replaceAll(":", "_")}-r-${numJobs++}`; // BullMQ takes no colon
      const inbox = createInbox<Answer>();
      const plain = codec.encodeJob(job);
      const since = performance.now();
      const pending: PendingJob<Answer> = { jobId, sessionId, opens, plain, inbox, since };
      jobs.all.set(jobId, pending);
      const onAbort = () => inbox.fail(AdaedlError.fromAbort(signal?.reason));
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        // Not awaited: Redis may hang, and whatever ends the job is heard of through its inbox.
        dispatch(pending, client).catch((error) => inbox.fail(AdaedlError.from(error)));
        for (let numTaken = 1; ; numTaken++) {
          const answer = await inbox.take();
          if (answer === undefined) return;
          yield answer;
          if (numTaken % takesReported === 0 && !inbox.isOver)
            jobs.tell(pending.workerId, { type: "take", jobId, numTaken });
        }
      } finally {
        signal?.removeEventListener("abort", onAbort);
        jobs.all.delete(jobId);
        if (!inbox.isEnded) {
          jobs.tell(pending.workerId, { type: "cancel", jobId });
          if (opens && pending.workerId === undefined) placements.remove(jobId);
        }
      }
    },

    numForwards(sessionId) {
      const workerId = places.workerOf(sessionId);
      if (workerId !== undefined) return workers.members.get(workerId)?.numForwards ?? 0;
      let sum = 0;
      for (const { numForwards } of workers.members.values()) sum += numForwards;
      return sum;
    },
    release(sessionId) {
      jobs.tell(places.remove(sessionId), { type: "release", sessionId });
    },
    close() {
      isClosed = true;
      jobs.fail(
        ({ workerId }) => workerId === undefined,
        () => new AdaedlError("unavailable", "the queue was closed"),
      );
      for (const { jobId, workerId } of jobs.all.values())
        jobs.tell(workerId, { type: "withdraw", jobId });
    },
    async end() {
      heartbeat.leave();
      await placements.close();
    },
  };
}
