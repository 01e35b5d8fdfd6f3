import type { SessionWorker, WorkerSessionCodec } from "../session-host.ts";
import { addresses } from "./channel-messages.ts";
import { ingressLeaseTicks, Membership, startHeartbeat } from "./membership.ts";
import type { RedisHub } from "./redis-hub.ts";
import { startTakingSessions } from "./take-sessions.ts";
import { TakenSessions } from "./taken-sessions.ts";

export interface RedisSessionWorkerOptions {
  /** Workers of one kind serve the same sessions; letters and digits. */
  readonly kind: string;
  /** What ingresses are told about the kind. */
  readonly facts: unknown;
  /** Sessions it can have: workers compare their load by it. */
  readonly numPlaces: number;
  /** How long an open session is kept while neither the ingress nor the target sends anything. */
  readonly forgetAfterMs: number;
  /** A session was taken from the queue by a worker that died before it claimed it. */
  onStalled?(): void;
}

export interface RunningSessionWorker {
  readonly numSessions: number;
  /** Those whose prefix is not computed yet. */
  readonly numOpening: number;
  /** Takes no more sessions; those it has go on. */
  drain(): Promise<void>;
  /** Resolves when it has no session any more. */
  whenIdle(): Promise<void>;
  /** Ends all sessions, and leaves the membership. The hub is not closed. */
  close(): Promise<void>;
}

/**
 * Opens the worker's side of sessions over Redis: it takes sessions from the shared queue, claims and
 * opens each at once, and carries its messages to and from the ingress until that closes it.
 */
export async function openRedisSessionWorker<Start>(
  hub: RedisHub,
  worker: SessionWorker<Start>,
  codec: WorkerSessionCodec<Start>,
  options: RedisSessionWorkerOptions,
): Promise<RunningSessionWorker> {
  const { kind, facts, numPlaces } = options;
  const sessions = new TakenSessions(hub, worker, codec, options.forgetAfterMs);
  // An ingress that had losses gets everything again, and closes what it does not know any more. The
  // same when its first heartbeat arrives: the losses may have been before it.
  const ingresses = new Membership({
    leaseTicks: ingressLeaseTicks,
    onFound: ({ id }) => sessions.resend(id),
    onLosses: (id) => sessions.resend(id),
    onLost: (id) => sessions.releaseAll(id),
  });

  await hub.listen(addresses.worker(hub.id), sessions.receive);
  await hub.listen(addresses.ingresses, ingresses.receive);
  hub.onTick(() => {
    sessions.tick();
    if (hub.isUp) ingresses.tick();
  });
  hub.onUp(() => {
    ingresses.renewLeases();
    sessions.resend();
  });
  const load = () => ({ kind, numSessions: sessions.size, numPlaces });
  const heartbeat = startHeartbeat(hub, addresses.workers, () => {
    return { ...load(), facts, numQueued: sessions.numOpening, numForwards: worker.numForwards };
  });
  const { openPlacementSource } = await import("./placement-queue.ts");
  const source = openPlacementSource(hub, kind, () => options.onStalled?.());
  const taker = await startTakingSessions(hub, source, {
    load,
    hasRoom: () => worker.numFree > 0,
    canMakeRoom: worker.canMakeRoom,
    onTaken(placement) {
      ingresses.expect(placement.ingressId); // it may have died while the session waited
      const isValid = sessions.take(placement);
      heartbeat.send(); // so that the next session goes to another worker
      return isValid;
    },
  });

  return {
    get numSessions() {
      return sessions.size;
    },
    get numOpening() {
      return sessions.numOpening;
    },
    drain: taker.stop,
    whenIdle: () => sessions.whenEmpty(),
    async close() {
      await taker.stop();
      heartbeat.leave(); // first: sessions are to go elsewhere at once
      sessions.releaseAll();
    },
  };
}
