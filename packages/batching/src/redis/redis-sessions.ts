import { AdaedlError } from "@adaedl/core";
import type { IngressSessionCodec, SessionHost } from "../session-host.ts";
import { addresses } from "./addresses.ts";
import { followWorkers } from "./follow-workers.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Beat } from "./messages.ts";
import { notThere } from "./not-there.ts";
import { orAborted } from "./or-aborted.ts";
import { createOwnSessions, type OwnSession } from "./own-sessions.ts";
import type { RedisHub } from "./redis-hub.ts";
import { watchPlacements } from "./watch-placements.ts";

export interface RedisSessionsOptions {
  /** Sessions of this ingress, those that wait included. */
  readonly maxSessions: number;
  /** Sessions of all ingresses that wait for a worker. */
  readonly maxWaiting: number;
  /** Reports how long a session waited for a worker, in milliseconds. */
  onPlaced?(waitMs: number): void;
  onWorkerFound?(workerId: string): void;
  /** @param hasLeft whether it announced that; otherwise its lease ran out */
  onWorkerLost?(workerId: string, numSessions: number, hasLeft: boolean): void;
  /** A worker of another kind than the first one; reported once for each. */
  onStranger?(workerId: string): void;
}

/** Opens sessions at workers that share a Redis with this ingress. */
export interface RedisSessions<Start> extends SessionHost<Start> {
  /** What the first worker reported of itself: all that are used are of its kind. */
  readonly facts: unknown;
  readonly workers: ReadonlyMap<string, Beat>;
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
  const { sessions, workers } = meetWorkers(hub, codec, options, (channelId) =>
    placements.remove(channelId),
  );
  await hub.listen(addresses.ingress(hub.id), sessions.receive);
  await hub.listen(addresses.workers, workers.hear);
  const heartbeat = startHeartbeat(hub, addresses.ingresses, () => {
    const nothing = { numPlaces: 0, numForwards: 0, numQueued: 0 };
    return { kind: "", facts: null, ...nothing, numSessions: sessions.size };
  });
  const { kind, facts } = await orAborted(workers.first, signal);
  const { openPlacementQueue } = await import("./placement-queue.ts");
  const placements = openPlacementQueue(hub, kind);
  watchPlacements(hub, placements, () =>
    sessions.at(undefined).map(({ channelId: jobId, sessionId, since, remote }) => {
      return { jobId, sessionId, since, fail: remote.fail };
    }),
  );

  async function place(own: OwnSession, start: Start): Promise<void> {
    const { channelId, sessionId, client, numOfClient } = own;
    if (isClosed) throw shuttingDown();
    checkRoom(hub, sessions.size, workers.members.size, options);
    const placement = {
      jobId: channelId,
      ingressId: hub.id,
      sessionId,
      job: codec.encodeStart(start),
    };
    // Clients with fewer sessions are served first; among equals, who came first.
    await placements.add(placement, client, numOfClient, options.maxWaiting);
    own.isQueued = true;
    if (!sessions.has(channelId)) placements.remove(channelId); // it ended in the meantime
  }

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
      else place(own, start).catch((error) => fail(AdaedlError.from(error)));
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

/**
 * The sessions of this ingress and the workers it hears of: a worker that is lost loses its sessions.
 * @param onUnplaced a session has ended that waits in the queue
 */
function meetWorkers(
  hub: RedisHub,
  codec: Pick<IngressSessionCodec<never>, "encodeUp" | "decodeDown">,
  options: RedisSessionsOptions,
  onUnplaced: (channelId: string) => void,
) {
  const sessions = createOwnSessions(hub, codec, {
    onClaimed({ since }, workerId) {
      workers.expect(workerId); // it may have died before its first beat
      options.onPlaced?.(performance.now() - since);
    },
    onOver({ channelId, isQueued }, workerId) {
      if (isQueued && workerId === undefined) onUnplaced(channelId);
    },
  });
  const workers = followWorkers({
    onFound(workerId) {
      sessions.resend(workerId); // it may have had losses between its claim and its first beat
      options.onWorkerFound?.(workerId);
    },
    onLost(workerId, hasLeft) {
      const lost = sessions.at(workerId);
      for (const { sessionId, remote } of lost) remote.fail(notThere(sessionId));
      options.onWorkerLost?.(workerId, lost.length, hasLeft);
    },
    onLosses: sessions.resend,
    onStranger: (workerId) => options.onStranger?.(workerId),
  });
  hub.onTick(() => {
    if (!hub.isUp) return; // nobody can be heard
    workers.tick();
    sessions.tick();
  });
  hub.onUp(workers.pardon);
  hub.onDown((error) => {
    // Who waits for something may find it elsewhere; the others go on when Redis is back.
    for (const { remote } of sessions.elsewhere()) if (remote.isAwaited) remote.fail(error);
  });
  return { sessions, workers };
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
