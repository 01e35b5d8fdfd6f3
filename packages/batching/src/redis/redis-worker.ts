import { AdaedlError } from "@adaedl/core";
import type { QueueLimits, RoundWorker, WorkerCodec } from "../round-queue.ts";
import { addresses, ingressLeaseTicks } from "./addresses.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createHeldSessions } from "./held-sessions.ts";
import { type ToIngress, toWorker } from "./messages.ts";
import { type RedisHub, tickMs } from "./redis-hub.ts";
import { createRoster } from "./roster.ts";
import { createRunningJobs } from "./running-jobs.ts";
import { startTakingSessions } from "./take-sessions.ts";

/** Who runs jobs that come through Redis. */
export interface RedisRoundWorker<Job, Answer> extends RoundWorker<Job, Answer> {
  /** Sessions there is room for. */
  readonly numFree: number;
  /** Whether a session could be taken at the cost of one that is idle. */
  readonly canMakeRoom: boolean;
}

export interface RedisWorkerOptions extends QueueLimits {
  /** Workers of one kind serve the same sessions; letters and digits. */
  readonly kind: string;
  /** What ingresses are told about the kind. */
  readonly facts: unknown;
  /** Sessions it can have: what others compare themselves by. */
  readonly numPlaces: number;
  /** How long a session is kept without a job or a request. */
  readonly forgetAfterMs: number;
  onStalled?(): void;
}

/** A worker at work. */
export interface RunningRedisWorker {
  /** Jobs that wait or run here. */
  readonly numQueued: number;
  /** Takes no more sessions; those it has go on. */
  drain(): Promise<void>;
  /** Resolves when it has no session any more. */
  whenIdle(): Promise<void>;
  /** Ends what runs, and tells the ingresses that it is gone. The hub is not closed. */
  close(): Promise<void>;
}

/** Opens the worker's side of the queue: sessions from the shared queue, rounds from who has them. */
export async function openRedisWorker<Job, Answer>(
  hub: RedisHub,
  worker: RedisRoundWorker<Job, Answer>,
  codec: WorkerCodec<Job, Answer>,
  options: RedisWorkerOptions,
): Promise<RunningRedisWorker> {
  const { kind, facts, numPlaces } = options;
  const tell = (ingressId: string, message: ToIngress) =>
    hub.send(addresses.ingress(ingressId), message);
  const jobs = createRunningJobs(worker, options, codec, tell);
  const sessions = createHeldSessions(
    options.forgetAfterMs / tickMs,
    (sessionId) => {
      jobs.cancelSession(sessionId);
      worker.release(sessionId);
    },
    jobs.hasSession,
  );
  const roster = createRoster({
    leaseTicks: ingressLeaseTicks,
    onLost: (id) => sessions.releaseAll(id),
  });

  function onMessage(message: unknown): void {
    const parsed = toWorker.safeParse(message);
    if (!parsed.success) return;
    const { data } = parsed;
    if (data.type === "job") {
      sessions.touch(data.sessionId);
      jobs.start(data, data.numReceived);
    } else if (data.type === "take") jobs.take(data.jobId, data.numTaken);
    else if (data.type === "cancel") jobs.cancel(data.jobId);
    else if (data.type === "withdraw") jobs.withdraw(data.jobId);
    else sessions.release(data.sessionId);
  }

  await hub.listen(addresses.worker(hub.id), onMessage);
  await hub.listen(addresses.ingresses, roster.hear);
  hub.onTick(() => {
    sessions.tick();
    if (hub.isUp) roster.tick();
  });
  hub.onUp(roster.pardon);
  const load = () => ({ kind, numSessions: sessions.size, numPlaces });
  const heartbeat = startHeartbeat(hub, addresses.workers, () => {
    return { ...load(), facts, numQueued: jobs.numQueued, numForwards: worker.numForwards };
  });
  const { openPlacementSource } = await import("./placement-queue.ts");
  const source = openPlacementSource(hub, kind, () => options.onStalled?.());
  const taker = await startTakingSessions(hub, source, {
    load,
    hasRoom: () => worker.numFree > 0,
    canMakeRoom: () => worker.canMakeRoom,
    // It offers itself, and begins to compute: the ingress says if it is not wanted.
    onTaken(taken) {
      const { jobId, ingressId, sessionId } = taken;
      sessions.hold(sessionId, ingressId);
      roster.expect(ingressId); // it may have died while the session waited
      const { id: workerId, numLosses } = hub;
      tell(ingressId, { type: "claim", jobId, sessionId, workerId, numLosses });
      heartbeat.beat(); // so that the next one is somebody else's
      jobs.start(taken, 0);
    },
  });

  return {
    get numQueued() {
      return jobs.numQueued;
    },
    drain: taker.stop,
    whenIdle: sessions.whenEmpty,
    async close() {
      await taker.stop();
      heartbeat.leave(); // before jobs fail: their sessions are to go elsewhere at once
      jobs.close(new AdaedlError("unavailable", "the worker was closed"));
      sessions.releaseAll();
    },
  };
}
