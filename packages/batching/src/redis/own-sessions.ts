import { randomUUID } from "node:crypto";
import type { IngressSessionCodec, SessionRoute } from "../session-host.ts";
import { addresses } from "./addresses.ts";
import { type ToSessionWorker, toSessionIngress } from "./channel-messages.ts";
import { decodeFailure } from "./messages.ts";
import { notThere } from "./not-there.ts";
import type { RedisHub } from "./redis-hub.ts";
import { createRemoteSession, type RemoteSession } from "./remote-session.ts";
import { createSessionPlaces } from "./session-places.ts";

/** A session of this ingress that has not ended. */
export interface OwnSession {
  readonly channelId: string;
  readonly sessionId: string;
  readonly client: string;
  readonly remote: RemoteSession;
  readonly since: number;
  /** How many sessions its client has, this one included. */
  readonly numOfClient: number;
  /** Whether it was put into the queue, where it waits unless a worker has taken it. */
  isQueued: boolean;
}

/** The sessions of an ingress, which worker has which, and their channels. */
export interface OwnSessions {
  readonly size: number;
  /** @param workerId undefined for sessions that wait */
  at(workerId: string | undefined): readonly OwnSession[];
  /** Those that are not at a worker in this process. */
  elsewhere(): readonly OwnSession[];
  has(channelId: string): boolean;
  /** The worker of the newest session of that id. */
  workerOf(sessionId: string): string | undefined;
  /** Adds a session that looks for a worker. @param signal closes it */
  add(route: SessionRoute, signal?: AbortSignal): OwnSession;
  /** A message came in for this ingress. An invalid one is ignored. */
  receive(message: unknown): void;
  /** What was sent to the worker may never have arrived. */
  resend(workerId: string): void;
  tick(): void;
}

export interface OwnSessionsEvents {
  /** A worker has claimed the session, and is the first one. */
  onClaimed(session: OwnSession, workerId: string): void;
  /** The session has ended; its worker, if it has one, is told. */
  onOver(session: OwnSession, workerId: string | undefined): void;
}

export function createOwnSessions(
  hub: RedisHub,
  codec: Pick<IngressSessionCodec<never>, "encodeUp" | "decodeDown">,
  events: OwnSessionsEvents,
): OwnSessions {
  const sessions = new Map<string, OwnSession>();
  const channelIds = new Map<string, string>();
  const places = createSessionPlaces(); // by channel

  const send = (workerId: string, message: ToSessionWorker) =>
    hub.send(addresses.worker(workerId), message);
  const where = (isMeant: (workerId: string | undefined) => boolean) =>
    [...sessions.values()].filter(({ channelId }) => isMeant(places.workerOf(channelId)));
  const at = (workerId: string | undefined) => where((id) => id === workerId);

  /** The first worker that sends anything about a session has it. @returns whether the worker has it */
  function claim(session: OwnSession, workerId: string): boolean {
    const holder = places.workerOf(session.channelId);
    if (holder !== undefined) return holder === workerId;
    places.place(session.channelId, workerId);
    events.onClaimed(session, workerId);
    session.remote.apply({ type: "resend" }); // all that was sent while it waited
    return true;
  }

  function remove(session: OwnSession): void {
    const { channelId, sessionId } = session;
    sessions.delete(channelId);
    if (channelIds.get(sessionId) === channelId) channelIds.delete(sessionId);
    const workerId = places.remove(channelId);
    // Where Redis is away and this is lost, the worker asks again when it is back.
    if (workerId !== undefined) send(workerId, { type: "close", channelId });
    events.onOver(session, workerId);
  }

  return {
    get size() {
      return sessions.size;
    },
    at,
    elsewhere: () => where((id) => id !== hub.id),
    has: (channelId) => sessions.has(channelId),
    workerOf: (sessionId) => places.workerOf(channelIds.get(sessionId) ?? ""),

    add({ sessionId, client, length, credit }, signal) {
      const channelId = randomUUID();
      function transmit(
        envelope: Extract<ToSessionWorker, { type: "envelope" }>["envelope"],
      ): void {
        const workerId = places.workerOf(channelId);
        if (workerId !== undefined)
          send(workerId, { type: "envelope", channelId, ingressId: hub.id, envelope });
      }
      const session: OwnSession = {
        channelId,
        sessionId,
        client,
        remote: createRemoteSession(
          { codec, transmit, onOver: () => remove(session), length, credit },
          signal,
        ),
        since: performance.now(),
        numOfClient: places.add(channelId, client),
        isQueued: false,
      };
      sessions.set(channelId, session);
      channelIds.set(sessionId, channelId);
      return session;
    },

    receive(message) {
      const parsed = toSessionIngress.safeParse(message);
      if (!parsed.success) return;
      const { data } = parsed;
      const { channelId, workerId } = data;
      const session = sessions.get(channelId);
      if (data.type === "gone") {
        if (session === undefined || places.workerOf(channelId) !== workerId) return;
        const { failure } = data;
        session.remote.fail(failure ? decodeFailure(failure) : notThere(session.sessionId));
      } else if (session !== undefined && claim(session, workerId))
        session.remote.apply({ type: "received", envelope: data.envelope });
      else send(workerId, { type: "close", channelId });
    },

    resend(workerId) {
      for (const { remote } of at(workerId)) remote.apply({ type: "resend" });
    },
    tick() {
      for (const { remote } of sessions.values()) remote.apply({ type: "tick" });
    },
  };
}
