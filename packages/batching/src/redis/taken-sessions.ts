import type { AdaedlError } from "@adaedl/core";
import type { SessionWorker, WorkerSessionCodec } from "../session-host.ts";
import { addresses } from "./addresses.ts";
import { type ToSessionIngress, toSessionWorker } from "./channel-messages.ts";
import { createHeldSessions, type HeldSessions } from "./held-sessions.ts";
import { encodeFailure, type Placement } from "./messages.ts";
import { type RedisHub, tickMs } from "./redis-hub.ts";
import { type ServedSession, serveSession } from "./served-session.ts";

/** The sessions that a worker has taken, and their channels. */
export interface TakenSessions extends Pick<HeldSessions, "releaseAll" | "whenEmpty"> {
  readonly size: number;
  /** Those whose prefix is not computed yet. */
  readonly numOpening: number;
  /** Claims a session and opens it at once: its ingress closes one that it has elsewhere. */
  take(placement: Placement): void;
  /** A message came in for this worker. An invalid one is ignored. */
  receive(message: unknown): void;
  /** What was sent to the ingress, or to all, may never have arrived. */
  resend(ingressId?: string): void;
  tick(): void;
}

/** @param forgetAfterMs how long an open session is kept while nothing is sent in either direction */
export function createTakenSessions<Start>(
  hub: RedisHub,
  worker: Pick<SessionWorker<Start>, "open">,
  codec: WorkerSessionCodec<Start>,
  forgetAfterMs: number,
): TakenSessions {
  const sessions = new Map<string, ServedSession>();
  const held = createHeldSessions(
    forgetAfterMs / tickMs,
    release,
    (channelId) => sessions.get(channelId)?.isOpening ?? false,
  );
  const send = (ingressId: string, message: ToSessionIngress) =>
    hub.send(addresses.ingress(ingressId), message);
  const sendGone = (ingressId: string, channelId: string, why?: AdaedlError) => {
    const failure = why && encodeFailure(why);
    send(ingressId, { type: "gone", channelId, workerId: hub.id, failure });
  };

  /** Frees everything the session holds. */
  function release(channelId: string): void {
    const session = sessions.get(channelId);
    if (session === undefined) return;
    sessions.delete(channelId);
    session.close();
    sendGone(session.ingressId, channelId); // ignored by an ingress that has closed it
  }

  return {
    get size() {
      return held.size;
    },
    get numOpening() {
      return [...sessions.values()].filter(({ isOpening }) => isOpening).length;
    },
    releaseAll: held.releaseAll,
    whenEmpty: held.whenEmpty,

    take({ jobId: channelId, ingressId, job }) {
      if (sessions.has(channelId)) return; // no honest ingress uses an id twice
      held.hold(channelId, ingressId);
      const session = serveSession({
        ingressId,
        codec,
        open: () => worker.open(codec.decodeStart(job)),
        transmit(envelope) {
          held.touch(channelId);
          send(ingressId, { type: "envelope", channelId, workerId: hub.id, envelope });
        },
        onBroken(error) {
          sendGone(ingressId, channelId, error);
          held.release(channelId);
        },
      });
      sessions.set(channelId, session);
      session.apply({ type: "resend" }); // an envelope without a message is the claim
    },

    receive(message) {
      const parsed = toSessionWorker.safeParse(message);
      if (!parsed.success) return;
      const { data } = parsed;
      const { channelId } = data;
      const session = sessions.get(channelId);
      if (data.type === "close") held.release(channelId);
      else if (session === undefined) sendGone(data.ingressId, channelId);
      else {
        held.touch(channelId);
        session.apply({ type: "received", envelope: data.envelope });
      }
    },

    resend(ingressId) {
      for (const session of sessions.values())
        if (session.ingressId === (ingressId ?? session.ingressId))
          session.apply({ type: "resend" });
    },
    tick() {
      held.tick();
      if (!hub.isUp) return; // what is missing cannot come
      for (const session of sessions.values()) session.apply({ type: "tick" });
    },
  };
}
