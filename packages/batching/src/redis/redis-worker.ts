import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";
import type { QueueLimits, RoundWorker, WorkerCodec } from "../round-queue.ts";
import { addresses, ingressLeaseTicks, workerLeaseTicks } from "./addresses.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { type Beat, type Placement, placement, type ToIngress, toWorker } from "./messages.ts";
import { type RedisHub, tickMs } from "./redis-hub.ts";
import { createRoster } from "./roster.ts";
import { createRunningJobs } from "./running-jobs.ts";

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
  /** A session that nobody asked for during so long is freed. */
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

/** How soon a worker looks again whether it is its turn, or somebody waits whom nobody took. */
const pauseMs = 100;
const errorPauseMs = 250;

/** Opens the worker's side of the queue: sessions from the shared queue, rounds from who has them. */
export async function openRedisWorker<Job, Answer>(
  hub: RedisHub,
  worker: RedisRoundWorker<Job, Answer>,
  codec: WorkerCodec<Job, Answer>,
  options: RedisWorkerOptions,
): Promise<RunningRedisWorker> {
  const { kind, facts, numPlaces } = options;
  /** Whose each session is, and in which tick it was asked for last. */
  const owners = new Map<string, { readonly ingressId: string; usedAt: number }>();
  let numTicks = 0;
  let whenEmpty: (() => void)[] = [];

  const tell = (ingressId: string, message: ToIngress) =>
    hub.send(addresses.ingress(ingressId), message);
  const jobs = createRunningJobs(worker, options, codec, tell);

  function release(sessionId: string): void {
    owners.delete(sessionId);
    worker.release(sessionId);
    if (owners.size > 0) return;
    for (const resolve of whenEmpty) resolve();
    whenEmpty = [];
  }

  const roster = createRoster({
    leaseTicks: ingressLeaseTicks,
    onLost(ingressId) {
      for (const [sessionId, owner] of owners)
        if (owner.ingressId === ingressId) release(sessionId);
    },
  });

  function onMessage(message: unknown): void {
    const parsed = toWorker.safeParse(message);
    if (!parsed.success) return;
    const { data } = parsed;
    if (data.type === "job") begin(data);
    else if (data.type === "take") jobs.take(data.jobId, data.numTaken);
    else if (data.type === "cancel") jobs.cancel(data.jobId);
    else if (data.type === "withdraw") jobs.withdraw(data.jobId);
    else release(data.sessionId);
  }

  function begin({ ingressId, jobId, sessionId, job }: Placement): void {
    const owner = owners.get(sessionId);
    if (owner !== undefined) owner.usedAt = numTicks;
    jobs.start(ingressId, jobId, job);
  }

  /** An ingress closes sessions that are idle; its word may have been lost. */
  function releaseForgotten(): void {
    const forgottenTicks = options.forgetAfterMs / tickMs;
    for (const [sessionId, { usedAt }] of owners)
      if (numTicks - usedAt > forgottenTicks) release(sessionId);
  }

  await hub.listen(addresses.worker(hub.id), onMessage);
  await hub.listen(addresses.ingresses, roster.hear);
  hub.onTick(() => {
    if (++numTicks % 10 === 0) releaseForgotten();
    if (hub.isUp) roster.tick();
  });
  hub.onUp(() => roster.pardon());
  const peers = createRoster({
    leaseTicks: workerLeaseTicks,
    accepts: (other) => other.kind === kind && other.id !== hub.id,
    onLost() {},
  });
  let wake = () => {};
  await hub.listen(addresses.workers, (message) => {
    peers.hear(message);
    wake();
  });
  hub.onTick(() => peers.tick());
  const heartbeat = startHeartbeat(hub, addresses.workers, () => {
    return { kind, facts, numSessions: owners.size, numPlaces, numQueued: jobs.numQueued };
  });
  const { openPlacementSource } = await import("./placement-queue.ts");
  const source = openPlacementSource(hub, kind, () => options.onStalled?.());

  /** Offers itself for a session, and begins to compute it: the ingress says if it is not wanted. */
  function claim({ jobId, ingressId, sessionId, job }: Placement): void {
    owners.set(sessionId, { ingressId, usedAt: numTicks });
    const { id: workerId, numLosses } = hub;
    tell(ingressId, { type: "claim", jobId, sessionId, workerId, numLosses });
    heartbeat.beat(); // so that the next one is somebody else's
    jobs.start(ingressId, jobId, job);
  }

  function isLeastLoaded(): boolean {
    const own = loadOf({ numSessions: owners.size, numPlaces });
    return worker.numFree > 0 && [...peers.members.values()].every((other) => own <= loadOf(other));
  }

  /** @returns whether time has passed; else a peer has said something, and it may be its turn now */
  function pause(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs, true);
      wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  let isTaking = true;
  async function takeSessions(): Promise<void> {
    while (isTaking) {
      try {
        // Those with the least to do wait for sessions; others look now and then for one nobody took.
        const isFirst = hub.isUp && isLeastLoaded();
        if (!isFirst && !(await pause())) continue;
        if (!hub.isUp || !(worker.numFree > 0 || worker.canMakeRoom)) continue;
        const taken = placement.safeParse(await source.take(isFirst));
        while (!hub.isUp && isTaking) await sleep(pauseMs); // a claim has to be heard
        if (taken.success) claim(taken.data);
      } catch {
        if (isTaking) await sleep(errorPauseMs); // Redis is away
      }
    }
  }
  const taking = takeSessions();

  async function drain(): Promise<void> {
    isTaking = false;
    await source.close();
    await taking;
  }

  return {
    get numQueued() {
      return jobs.numQueued;
    },
    drain,
    whenIdle: () =>
      owners.size === 0 ? Promise.resolve() : new Promise((resolve) => whenEmpty.push(resolve)),
    async close() {
      await drain();
      heartbeat.leave(); // before jobs fail: their sessions are to go elsewhere at once
      jobs.close(new AdaedlError("unavailable", "the worker was closed"));
      for (const sessionId of owners.keys()) release(sessionId);
    },
  };
}

/** How full a worker is. */
function loadOf({ numSessions, numPlaces }: Pick<Beat, "numSessions" | "numPlaces">): number {
  return numSessions / Math.max(1, numPlaces);
}
