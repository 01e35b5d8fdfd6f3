import { AdaedlError } from "@adaedl/core";
import type { IngressSessionCodec, SessionHost } from "../session-host.ts";
import { addresses } from "./channel-messages.ts";
import { type Member, Membership, startHeartbeat, workerLeaseTicks } from "./membership.ts";
import { notThere } from "./messages.ts";
import { orAborted } from "./or-aborted.ts";
import { type OwnSession, OwnSessions } from "./own-sessions.ts";
import type { PlacementQueue } from "./placement-queue.ts";
import type { RedisHub } from "./redis-hub.ts";
import { watchPlacements } from "./watch-placements.ts";

export interface RedisSessionsOptions {
  /** Sessions of this ingress, those that wait included. */
  readonly maxSessions: number;
  /** Sessions of all ingresses that wait for a worker. */
  readonly maxWaiting: number;
  /** Reports how long a session waited for a worker, in milliseconds. */
  onPlaced?(waitMs: number): void;
  /** @param facts what it announced; of the kind of the first one */
  onWorkerFound?(workerId: string, facts: unknown): void;
  /** @param hasLeft whether it announced that; otherwise its lease ran out */
  onWorkerLost?(workerId: string, numSessions: number, hasLeft: boolean): void;
  /** Whether a worker may be the first one: all others that are used are of its kind. */
  accepts?(kind: string, facts: unknown): boolean;
  /**
   * A worker of another kind than the first one, or one that is not accepted; reported once for each.
   * @param expected the facts of the first one
   */
  onStranger?(workerId: string, facts: unknown, expected: unknown): void;
}

/** Opens sessions at workers that share a Redis with this ingress. */
export interface RedisSessions<Start> extends SessionHost<Start> {
  /** What the first worker reported of itself: all that are used are of its kind. */
  readonly facts: unknown;
  readonly workers: ReadonlyMap<string, Member>;
  /** Sessions of this ingress that have not ended. */
  readonly numSessions: number;
  /** Those of them that wait for a worker. */
  readonly numWaiting: number;
  /** Refuses new sessions; those that wait fail with `unavailable`, those that run go on. */
  close(): void;
  /** Leaves the membership. The hub is not closed. */
  end(): Promise<void>;
}

const retryAfterMs = 100;
/** No more workers are reported as strangers. */
const maxStrangers = 100;

/**
 * Opens the ingress's side of sessions over Redis, as soon as there is a worker.
 *
 * A session waits in Redis until a worker with room takes it; from then on its messages go directly to
 * and from that worker, over a numbered channel. Only this ingress knows which worker has which of its
 * sessions: the first one to send anything about a session has it, any other is sent away. A worker whose
 * lease runs out is lost with all sessions it had: they fail with `not_found`. A lost Redis fails those
 * of all other processes with `unavailable`.
 *
 * @throws AdaedlError what the signal was aborted with while there was no worker
 */
export async function openRedisSessions<Start>(
  hub: RedisHub,
  codec: IngressSessionCodec<Start>,
  options: RedisSessionsOptions,
  signal?: AbortSignal,
): Promise<RedisSessions<Start>> {
  let isClosed = false;
  const sessions = new OwnSessions(hub, codec, {
    onClaimed({ workerId = "", since }) {
      workers.expect(workerId); // it may have died before its first heartbeat
      options.onPlaced?.(performance.now() - since);
    },
    onOver({ jobId, workerId }) {
      if (jobId !== undefined && workerId === undefined) placements.remove(jobId);
    },
  });
  const { workers, first } = followWorkers(hub, sessions, options);
  await hub.listen(addresses.ingress(hub.id), sessions.receive);
  await hub.listen(addresses.workers, workers.receive);
  const heartbeat = startHeartbeat(hub, addresses.ingresses, () => {
    const nothing = { numPlaces: 0, numForwards: 0, numQueued: 0 };
    return { kind: "", facts: null, ...nothing, numSessions: sessions.size };
  });
  const { kind, facts } = await orAborted(first, signal);
  const { openPlacementQueue } = await import("./placement-queue.ts");
  const placements: PlacementQueue = openPlacementQueue(hub, kind);

  async function place(own: OwnSession, start: string, maxWaiting: number): Promise<void> {
    const { channelId, client } = own;
    // Clients with fewer sessions are served first; among equals, who came first.
    const priority = sessions.where((session) => session.client === client).length;
    const placement = { channelId, ingressId: hub.id, start };
    own.jobId = await placements.add(placement, client, priority, maxWaiting);
    if (!sessions.has(own)) placements.remove(own.jobId); // it ended in the meantime
  }

  async function open(own: OwnSession, start: Start): Promise<void> {
    if (isClosed) throw shuttingDown();
    checkRoom(hub, sessions.size, workers.members.size, options);
    const text = codec.encodeStart(start);
    own.placeAgain = () => place(own, text, Number.POSITIVE_INFINITY);
    await place(own, text, options.maxWaiting);
  }
  watchPlacements(hub, placements, () => sessions.at(undefined));

  return {
    facts,
    workers: workers.members,
    get numSessions() {
      return sessions.size;
    },
    get numWaiting() {
      return sessions.at(undefined).length;
    },
    open(start, signal) {
      const own = sessions.add(codec.routeOf(start), signal);
      const { session, fail } = own.remote;
      if (signal?.aborted) fail(AdaedlError.fromAbort(signal.reason));
      // Not awaited: Redis may hang, and whatever ends the session is reported by its messages.
      else open(own, start).catch((error) => fail(AdaedlError.from(error)));
      return session;
    },
    numForwards(sessionId) {
      const workerId = sessions.workerOf(sessionId);
      if (workerId !== undefined) return workers.members.get(workerId)?.numForwards ?? 0;
      let sum = 0;
      for (const { numForwards } of workers.members.values()) sum += numForwards;
      return sum;
    },
    close() {
      isClosed = true;
      for (const { remote } of sessions.at(undefined)) remote.fail(shuttingDown());
    },
    async end() {
      heartbeat.leave();
      await placements.close();
    },
  };
}

/** The workers of the first one's kind: one that is lost loses its sessions. */
function followWorkers(hub: RedisHub, sessions: OwnSessions, options: RedisSessionsOptions) {
  const strangers = new Set<string>();
  let kind: string | undefined;
  let facts: unknown;
  let onFirst: (worker: Member) => void = () => {};
  const first = new Promise<Member>((resolve) => {
    onFirst = resolve;
  });
  const workers = new Membership({
    leaseTicks: workerLeaseTicks,
    accepts(worker) {
      const isAccepted =
        kind === undefined
          ? options.accepts?.(worker.kind, worker.facts) !== false
          : worker.kind === kind;
      if (isAccepted || strangers.has(worker.id) || strangers.size >= maxStrangers)
        return isAccepted;
      strangers.add(worker.id);
      options.onStranger?.(worker.id, worker.facts, facts);
      return false;
    },
    onFound(worker) {
      if (kind === undefined) ({ kind, facts } = worker);
      onFirst(worker);
      sessions.resend(worker.id); // it may have had losses between its claim and its first heartbeat
      options.onWorkerFound?.(worker.id, worker.facts);
    },
    onLost(workerId, hasLeft) {
      const lost = sessions.at(workerId);
      for (const { sessionId, remote } of lost) remote.fail(notThere(sessionId));
      options.onWorkerLost?.(workerId, lost.length, hasLeft);
    },
    onLosses: (workerId) => sessions.resend(workerId),
  });
  hub.onTick(() => {
    if (!hub.isUp) return; // nobody can be heard
    workers.tick();
    sessions.tick();
  });
  hub.onUp(() => workers.renewLeases());
  hub.onDown((error) => {
    // Who waits for something may find it elsewhere; the others go on when Redis is back.
    for (const { remote } of sessions.where(({ workerId }) => workerId !== hub.id))
      if (remote.isAwaited) remote.fail(error);
  });
  return { workers, first };
}

/** @throws AdaedlError where a session cannot look for a worker now */
function checkRoom(
  { isUp }: RedisHub,
  numSessions: number,
  numWorkers: number,
  { maxSessions }: RedisSessionsOptions,
): void {
  if (numSessions > maxSessions)
    throw new AdaedlError("resource_exhausted", `${maxSessions} sessions are open`, {
      field: "sessions",
      retryAfterMs,
    });
  if (!isUp) throw new AdaedlError("unavailable", "Redis cannot be reached");
  if (numWorkers === 0) throw new AdaedlError("unavailable", "there is no worker");
}

function shuttingDown(): AdaedlError {
  return new AdaedlError("unavailable", "the verifier is shutting down");
}
