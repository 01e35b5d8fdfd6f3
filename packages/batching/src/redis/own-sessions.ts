import { randomUUID } from "node:crypto";
import type { IngressSessionCodec, SessionRoute } from "../session-host.ts";
import { addresses, type ToSessionWorker, toSessionIngress } from "./channel-messages.ts";
import { decodeFailure, notThere } from "./messages.ts";
import type { RedisHub } from "./redis-hub.ts";
import { createRemoteSession, type RemoteSession } from "./remote-session.ts";

/** A session of this ingress that has not ended. */
export interface OwnSession {
  readonly channelId: string;
  readonly sessionId: string;
  readonly client: string;
  readonly remote: RemoteSession;
  readonly since: number;
  /** The worker that has claimed it. */
  workerId: string | undefined;
  /** Its job in the queue, where it waits unless a worker has taken it. */
  jobId: string | undefined;
  /** Puts it into the queue once more. */
  placeAgain: (() => Promise<void>) | undefined;
}

export interface OwnSessionsEvents {
  /** A worker has claimed the session, and is the first one. */
  onClaimed(session: OwnSession): void;
  /** The session has ended; its worker, if it has one, is told. */
  onOver(session: OwnSession): void;
}

/** The sessions of an ingress, which worker has which, and their channels. */
export class OwnSessions {
  readonly #hub: RedisHub;
  readonly #codec: Pick<IngressSessionCodec<never>, "encodeUp" | "decodeDown">;
  readonly #events: OwnSessionsEvents;
  readonly #sessions = new Map<string, OwnSession>();
  /** The newest session of each id. */
  readonly #newest = new Map<string, OwnSession>();

  constructor(
    hub: RedisHub,
    codec: Pick<IngressSessionCodec<never>, "encodeUp" | "decodeDown">,
    events: OwnSessionsEvents,
  ) {
    this.#hub = hub;
    this.#codec = codec;
    this.#events = events;
  }

  get size(): number {
    return this.#sessions.size;
  }

  where(isMeant: (session: OwnSession) => boolean): readonly OwnSession[] {
    return [...this.#sessions.values()].filter(isMeant);
  }

  /** @param workerId undefined for sessions that wait */
  at(workerId: string | undefined): readonly OwnSession[] {
    return this.where((session) => session.workerId === workerId);
  }

  has(session: OwnSession): boolean {
    return this.#sessions.has(session.channelId);
  }

  /** The worker of the newest session of that id. */
  workerOf(sessionId: string): string | undefined {
    return this.#newest.get(sessionId)?.workerId;
  }

  /** Adds a session that looks for a worker. @param signal closes it */
  add({ sessionId, client, length, credit }: SessionRoute, signal?: AbortSignal): OwnSession {
    const channelId = randomUUID();
    const remote = createRemoteSession(
      {
        ...{ codec: this.#codec, length, credit },
        transmit: (envelope) =>
          this.#send(session.workerId, {
            ...{ type: "envelope", channelId, ingressId: this.#hub.id, envelope },
          }),
        onOver: () => this.#remove(session),
      },
      signal,
    );
    const session: OwnSession = {
      ...{ channelId, sessionId, client, remote, since: performance.now() },
      ...{ workerId: undefined, jobId: undefined, placeAgain: undefined },
    };
    this.#sessions.set(channelId, session);
    this.#newest.set(sessionId, session);
    return session;
  }

  /** A message came in for this ingress. An invalid one is ignored. */
  readonly receive = (message: unknown): void => {
    const { data } = toSessionIngress.safeParse(message);
    if (data === undefined) return;
    const { channelId, workerId } = data;
    const session = this.#sessions.get(channelId);
    if (data.type === "gone") {
      if (session?.workerId !== workerId) return;
      const { failure } = data;
      session.remote.fail(failure ? decodeFailure(failure) : notThere(session.sessionId));
    } else if (session !== undefined && this.#claim(session, workerId))
      session.remote.apply({ type: "received", envelope: data.envelope });
    else this.#send(workerId, { type: "close", channelId });
  };

  /** What was sent to the worker may never have arrived. */
  resend(workerId: string): void {
    for (const { remote } of this.at(workerId)) remote.apply({ type: "resend" });
  }

  tick(): void {
    for (const { remote } of this.#sessions.values()) remote.apply({ type: "tick" });
  }

  #send(workerId: string | undefined, message: ToSessionWorker): void {
    if (workerId !== undefined) this.#hub.send(addresses.worker(workerId), message);
  }

  /** The first worker that sends anything about a session has it. @returns whether the worker has it */
  #claim(session: OwnSession, workerId: string): boolean {
    if (session.workerId === undefined) {
      session.workerId = workerId;
      this.#events.onClaimed(session);
      session.remote.apply({ type: "resend" }); // all that was sent while it waited
    }
    return session.workerId === workerId;
  }

  #remove(session: OwnSession): void {
    const { channelId, sessionId, workerId } = session;
    this.#sessions.delete(channelId);
    if (this.#newest.get(sessionId) === session) this.#newest.delete(sessionId);
    // Where Redis is away and this is lost, the worker asks again when it is back.
    this.#send(workerId, { type: "close", channelId });
    this.#events.onOver(session);
  }
}
