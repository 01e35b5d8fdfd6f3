import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { IngressCodec, RoundQueue } from "../round-queue.ts";
import { addresses, takesReported, workerLeaseTicks } from "./addresses.ts";
import { type AnswerInbox, createAnswerInbox } from "./answer-inbox.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { lostPlacementFinder, type Seeking } from "./lost-placements.ts";
import { type Beat, decodeFailure, type ToIngress, type ToWorker, toIngress } from "./messages.ts";
import { orAborted } from "./or-aborted.ts";
import { type RedisHub, tickMs } from "./redis-hub.ts";
import { createRoster } from "./roster.ts";
import { createSessionPlaces } from "./session-places.ts";

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

interface Pending<Answer> {
  readonly inbox: AnswerInbox<Answer>;
  readonly sessionId: string;
  readonly opens: boolean;
  readonly since: number;
  /** The job, as it crosses. */
  readonly plain: unknown;
  /** Who runs it; undefined while it waits for a worker. */
  workerId?: string;
}

const retryAfterMs = 100;
/** How often, and after what time, a session that waits is looked for in the queue. */
const findLostMs = 1_000;
/** So many are told of. */
const maxStrangers = 100;

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
  const pending = new Map<string, Pending<Answer>>();
  const places = createSessionPlaces();
  let numJobs = 0;
  let isClosed = false;

  let first: Beat | undefined;
  let onFirst: (worker: Beat) => void = () => {};
  const firstFound = new Promise<Beat>((resolve) => {
    onFirst = resolve;
  });
  const strangers = new Set<string>();
  const roster = createRoster({
    leaseTicks: workerLeaseTicks,
    accepts(worker) {
      if (first === undefined || worker.kind === first.kind) return true;
      if (strangers.size < maxStrangers && !strangers.has(worker.id)) {
        strangers.add(worker.id);
        options.onStranger?.(worker.id);
      }
      return false;
    },
    onFound(worker) {
      first ??= worker;
      onFirst(first);
      options.onWorkerFound?.(worker.id);
    },
    onLost(workerId, hasLeft) {
      const numSessions = places.loseWorker(workerId);
      failWhere((job) => job.workerId === workerId, notThere);
      options.onWorkerLost?.(workerId, numSessions, hasLeft);
    },
    onLosses: askAgain,
  });

  function tell(workerId: string | undefined, message: ToWorker): void {
    if (workerId !== undefined) hub.send(addresses.worker(workerId), message);
  }

  function failWhere(
    isMeant: (job: Pending<Answer>) => boolean,
    errorOf: (sessionId: string) => AdaedlError,
  ): void {
    for (const job of pending.values()) if (isMeant(job)) job.inbox.fail(errorOf(job.sessionId));
  }

  /** What was asked of a worker may never have arrived: it still has what it had, and nothing runs twice. */
  function askAgain(workerId: string): void {
    for (const [jobId, job] of pending) {
      if (job.workerId !== workerId) continue;
      if (job.opens) job.inbox.fail(notThere(job.sessionId));
      else tellJob(jobId, job);
    }
  }

  function tellJob(jobId: string, { workerId, sessionId, plain: job }: Pending<Answer>): void {
    tell(workerId, { type: "job", jobId, ingressId: hub.id, sessionId, job });
  }

  function onMessage(message: unknown): void {
    const parsed = toIngress.safeParse(message);
    if (!parsed.success) return;
    const job = pending.get(parsed.data.jobId);
    if (parsed.data.type === "claim") onClaim(parsed.data, job);
    else if (job !== undefined) onAnswer(parsed.data, job);
  }

  function onClaim(
    { jobId, sessionId, workerId, numLosses }: Extract<ToIngress, { type: "claim" }>,
    job: Pending<Answer> | undefined,
  ): void {
    if (job?.workerId === workerId) return; // once more
    if (job === undefined || !job.opens || job.workerId !== undefined || job.inbox.isOver) {
      tell(workerId, { type: "cancel", jobId });
      tell(workerId, { type: "release", sessionId });
      return;
    }
    job.workerId = workerId;
    places.place(job.sessionId, workerId);
    options.onPlaced?.(performance.now() - job.since);
    const known = roster.members.get(workerId);
    if (known !== undefined && known.numLosses > numLosses) job.inbox.fail(notThere(job.sessionId));
  }

  function onAnswer(
    message: Exclude<ToIngress, { type: "claim" }>,
    { inbox }: Pending<Answer>,
  ): void {
    if (message.type === "failure") {
      inbox.fail(decodeFailure(message.failure));
      return;
    }
    if (message.type === "end") {
      if (message.numAnswers <= inbox.numReceived) inbox.end();
      else inbox.fail(new AdaedlError("aborted", "an answer of the worker was lost"));
      return;
    }
    if (message.number < inbox.numReceived) return; // once more
    if (message.number > inbox.numReceived) {
      inbox.fail(new AdaedlError("aborted", "an answer of the worker was lost"));
      return;
    }
    try {
      inbox.put(codec.decodeAnswer(message.answer));
    } catch (error) {
      const { message } = AdaedlError.from(error);
      inbox.fail(new AdaedlError("internal", `the worker answered nonsense: ${message}`));
    }
  }

  hub.onTick(() => {
    if (hub.isUp) roster.tick(); // who is deaf hears nobody
  });
  hub.onUp(() => roster.pardon());
  hub.onDown((error) => {
    const isElsewhere = ({ workerId }: Pending<Answer>) => workerId !== hub.id;
    failWhere(isElsewhere, () => error);
  });
  await hub.listen(addresses.ingress(hub.id), onMessage);
  await hub.listen(addresses.workers, roster.hear);
  const heartbeat = startHeartbeat(hub, addresses.ingresses, () => {
    return { kind: "", facts: null, numSessions: 0, numPlaces: 0, numQueued: pending.size };
  });
  const { kind, facts } = await orAborted(firstFound, signal);
  const { openPlacementQueue } = await import("./placement-queue.ts");
  const placements = openPlacementQueue(hub, kind);
  function* seeking(): Iterable<Seeking> {
    for (const [jobId, { opens, workerId, inbox, since, sessionId }] of pending)
      if (opens && workerId === undefined && performance.now() - since > findLostMs)
        yield { jobId, giveUp: () => inbox.fail(lost(sessionId)) };
  }
  const findLost = lostPlacementFinder(placements, seeking);
  let numTicks = 0;
  hub.onTick(() => {
    if (++numTicks % (findLostMs / tickMs) === 0 && hub.isUp) void findLost();
  });

  /** Sends the job to who has its session, or to the queue of those that look for a worker. */
  async function dispatch(jobId: string, job: Job, entry: Pending<Answer>): Promise<void> {
    const { sessionId, opens } = entry;
    const workerId = places.workerOf(sessionId);
    if (!hub.isUp && (opens || workerId !== hub.id))
      throw new AdaedlError("unavailable", "Redis cannot be reached");
    if (opens) {
      if (roster.members.size === 0) throw new AdaedlError("unavailable", "there is no worker");
      // Who has fewer sessions is served first; among equals, who came first.
      const priority = places.add(sessionId, codec.routeOf(job).client);
      const placement = { jobId, ingressId: hub.id, sessionId, job: entry.plain };
      await placements.add(placement, priority, maxWaiting);
      return;
    }
    if (workerId === undefined) throw notThere(sessionId);
    entry.workerId = workerId;
    tellJob(jobId, entry);
  }

  return {
    facts,
    workers: roster.members,
    get numQueued() {
      return pending.size;
    },
    get numWaiting() {
      const waits = (job: Pending<Answer>) => job.opens && job.workerId === undefined;
      return [...pending.values()].filter(waits).length;
    },

    async *submit(job, signal) {
      throwIfAborted(signal);
      if (isClosed) throw new AdaedlError("unavailable", "the queue is closed");
      if (pending.size >= maxQueued)
        throw new AdaedlError("resource_exhausted", `${maxQueued} rounds are queued`, {
          field: "queue",
          retryAfterMs,
        });
      const { sessionId, opens } = codec.routeOf(job);
      const inbox = createAnswerInbox<Answer>();
      const since = performance.now();
      const entry: Pending<Answer> = {
        inbox,
        sessionId,
        opens,
        since,
        plain: codec.encodeJob(job),
      };
      const jobId = `s-${sessionId}-r-${numJobs++}`;
      pending.set(jobId, entry);
      const onAbort = () => inbox.fail(AdaedlError.fromAbort(signal?.reason));
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        // Not awaited: Redis may hang, and whatever ends the job is heard of through its inbox.
        dispatch(jobId, job, entry).catch((error) => inbox.fail(AdaedlError.from(error)));
        for (let numTaken = 1; ; numTaken++) {
          const answer = await inbox.take();
          if (answer === undefined) return;
          yield answer;
          if (numTaken % takesReported === 0 && !inbox.isOver)
            tell(entry.workerId, { type: "take", jobId, numTaken });
        }
      } finally {
        signal?.removeEventListener("abort", onAbort);
        pending.delete(jobId);
        if (!inbox.isEnded) {
          tell(entry.workerId, { type: "cancel", jobId });
          if (opens && entry.workerId === undefined) placements.remove(jobId);
        }
      }
    },

    release(sessionId) {
      tell(places.remove(sessionId), { type: "release", sessionId });
    },

    close() {
      isClosed = true;
      const error = new AdaedlError("unavailable", "the queue was closed");
      for (const [jobId, { workerId, inbox }] of pending) {
        if (workerId === undefined) inbox.fail(error);
        else tell(workerId, { type: "withdraw", jobId });
      }
    },
    async end() {
      heartbeat.leave();
      await placements.close();
    },
  };
}

function notThere(sessionId: string): AdaedlError {
  return new AdaedlError(
    "not_found",
    `the worker of session ${sessionId} is gone: send its prefix`,
    {
      field: "session_id",
      value: sessionId,
    },
  );
}

function lost(sessionId: string): AdaedlError {
  return new AdaedlError("aborted", `no worker claimed session ${sessionId}: open it again`, {
    field: "session_id",
    value: sessionId,
  });
}
