import * as z from "zod/mini";
import { count, id } from "./messages.ts";
import type { RedisHub } from "./redis-hub.ts";

/** Sent again and again by each process. */
const heartbeat = z.object({
  id,
  /** Counts how often messages to it may have been lost. */
  numLosses: count,
  /** Workers of one kind serve the same sessions; ingresses have none. */
  kind: z.string().check(z.maxLength(100)),
  /** What a worker announces. */
  facts: z.unknown(),
  /** Sessions it has, how many it could have, and those whose prefix is not computed yet. */
  numSessions: count,
  numPlaces: count,
  numQueued: count,
  /** Forwards that its model has completed: the heartbeat of a worker whose model is stuck goes on. */
  numForwards: count,
  /** In the last one. */
  isLeaving: z.optional(z.boolean()),
});
export type Member = z.infer<typeof heartbeat>;

/** Ticks from one heartbeat to the next, and without one after which a worker is lost: 0.8 s. */
const heartbeatTicks = 2;
export const workerLeaseTicks = 8;
/**
 * An ingress has longer: nobody waits for its end, and the sessions of one that only was slow would have
 * to be computed again.
 */
export const ingressLeaseTicks = 50;
/** What a lease is extended by after an outage: others may find Redis a little later. */
const graceTicks = 20;
/** No more are followed: whoever reaches Redis can send heartbeats. */
const maxMembers = 4_096;

export interface Heartbeat {
  /** Sends one at once, since something has changed. */
  send(): void;
  /** Sends the last one: nobody waits for the lease to run out. */
  leave(): void;
}

/** Sends heartbeats to an address. @param read what they hold besides the id */
export function startHeartbeat(
  hub: RedisHub,
  address: string,
  read: () => Omit<Member, "id" | "numLosses" | "isLeaving">,
): Heartbeat {
  let numTicks = 0;
  let hasLeft = false;
  const send = (isLeaving: boolean) => {
    const { id, numLosses } = hub;
    if (!hasLeft) hub.broadcast(address, { id, numLosses, ...read(), isLeaving } satisfies Member);
    hasLeft = isLeaving;
  };
  hub.onTick(() => {
    if (++numTicks % heartbeatTicks === 0) send(false);
  });
  return { send: () => send(false), leave: () => send(true) };
}

export interface MembershipOptions {
  /** Whether a newcomer is followed; default: everybody is. */
  accepts?(member: Member): boolean;
  /** Ticks without a heartbeat after which a member is lost. */
  readonly leaseTicks: number;
  onFound?(member: Member): void;
  /** @param hasLeft whether it announced that; otherwise its lease ran out */
  onLost(id: string, hasLeft: boolean): void;
  /** Messages to a member may have been lost. */
  onLosses?(id: string): void;
}

/** Failure detection: those whose heartbeats arrive, each with a lease that the next one renews. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #members = new Map<string, Member>();
  /** Ticks since the last heartbeat. */
  readonly #numSilent = new Map<string, number>();

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  /** A heartbeat came in. An invalid one is ignored. */
  readonly receive = (message: unknown): void => {
    const { data } = heartbeat.safeParse(message);
    if (data === undefined) return;
    const { id, numLosses, isLeaving } = data;
    const known = this.#members.get(id);
    if (isLeaving) {
      if (known !== undefined) this.#remove(id, true);
      return;
    }
    const isNew = known === undefined;
    if (isNew && (this.#members.size >= maxMembers || this.#options.accepts?.(data) === false))
      return;
    this.#members.set(id, data);
    this.#numSilent.set(id, 0);
    if (isNew) this.#options.onFound?.(data);
    else if (known.numLosses !== numLosses) this.#options.onLosses?.(id);
  };

  /** A process whose heartbeat has to arrive within a lease, or it is lost. */
  expect(id: string): void {
    if (!this.#numSilent.has(id) && this.#numSilent.size < 2 * maxMembers)
      this.#numSilent.set(id, 0);
  }

  tick(): void {
    for (const [id, numSilent] of this.#numSilent) {
      if (numSilent + 1 >= this.#options.leaseTicks) this.#remove(id, false);
      else this.#numSilent.set(id, numSilent + 1);
    }
  }

  /** After an outage: restarts every lease, with a grace period. */
  renewLeases(): void {
    for (const id of this.#numSilent.keys()) this.#numSilent.set(id, -graceTicks);
  }

  #remove(id: string, hasLeft: boolean): void {
    this.#members.delete(id);
    this.#numSilent.delete(id);
    this.#options.onLost(id, hasLeft);
  }
}
