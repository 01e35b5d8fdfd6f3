import type { AdaedlError } from "@adaedl/core";
import type { SessionWorker, WorkerSessionCodec } from "../session-host.ts";
import { addresses, type ToSessionIngress, toSessionWorker } from "./channel-messages.ts";
import { encodeFailure } from "./messages.ts";
import type { Placement } from "./placement-queue.ts";
import { tickMs } from "./reachability.ts";
import type { RedisHub } from "./redis-hub.ts";
import { type ServedSession, serveSession } from "./served-session.ts";

/** A session, and how many ticks nothing was sent in either direction. */
interface Held {
  readonly served: ServedSession;
  readonly ingressId: string;
  numSilent: number;
}

/** The sessions that a worker has taken, and their channels. */
export class TakenSessions<Start> {
  readonly #hub: RedisHub;
  readonly #worker: Pick<SessionWorker<Start>, "open">;
  readonly #codec: WorkerSessionCodec<Start>;
  readonly #forgetAfterTicks: number;
  readonly #sessions = new Map<string, Held>();
  #onEmpty: (() => void)[] = [];

  /**
   * @param forgetAfterMs how long an open session is kept while nothing is sent in either direction: its
   *   ingress closes it, but that message may be lost
   */
  constructor(
    hub: RedisHub,
    worker: Pick<SessionWorker<Start>, "open">,
    codec: WorkerSessionCodec<Start>,
    forgetAfterMs: number,
  ) {
    this.#hub = hub;
    this.#worker = worker;
    this.#codec = codec;
    this.#forgetAfterTicks = forgetAfterMs / tickMs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Those whose prefix is not computed yet. */
  get numOpening(): number {
    return [...this.#sessions.values()].filter(({ served }) => served.isOpening).length;
  }

  /**
   * Claims a session and opens it at once: its ingress closes one that it has elsewhere.
   * @returns false for one that no ingress can have meant
   */
  take({ channelId, ingressId, start }: Placement): boolean {
    if (this.#sessions.has(channelId)) return false;
    let isValid = false;
    const open = () => {
      const decoded = this.#codec.decodeStart(start);
      isValid = true;
      return this.#worker.open(decoded);
    };
    const served = serveSession({
      codec: this.#codec,
      open,
      transmit: (envelope) => {
        this.#touch(channelId);
        this.#send(ingressId, { type: "envelope", channelId, workerId: this.#hub.id, envelope });
      },
      onBroken: (error) => {
        this.#sendGone(ingressId, channelId, error);
        this.#release(channelId);
      },
    });
    this.#sessions.set(channelId, { served, ingressId, numSilent: 0 });
    served.apply({ type: "resend" }); // an envelope without a message is the claim
    return isValid;
  }

  /** A message came in for this worker. An invalid one is ignored. */
  readonly receive = (message: unknown): void => {
    const { data } = toSessionWorker.safeParse(message);
    if (data === undefined) return;
    const { channelId } = data;
    if (data.type === "close") this.#release(channelId);
    else if (!this.#sessions.has(channelId)) this.#sendGone(data.ingressId, channelId);
    else {
      this.#touch(channelId);
      this.#sessions.get(channelId)?.served.apply({ type: "received", envelope: data.envelope });
    }
  };

  /** What was sent to the ingress, or to all, may never have arrived. */
  resend(ingressId?: string): void {
    for (const [, { served }] of this.#of(ingressId)) served.apply({ type: "resend" });
  }

  tick(): void {
    for (const [channelId, held] of this.#sessions) {
      // A session that is being opened may take any time.
      held.numSilent = held.served.isOpening ? 0 : held.numSilent + 1;
      if (held.numSilent > this.#forgetAfterTicks) this.#release(channelId);
      else if (this.#hub.isUp) held.served.apply({ type: "tick" }); // else what is missing cannot come
    }
  }

  /** Frees all sessions of an ingress, or all. */
  releaseAll(ingressId?: string): void {
    for (const [channelId] of this.#of(ingressId)) this.#release(channelId);
  }

  /** Resolves when there is none. */
  whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.size === 0) resolve();
      else this.#onEmpty.push(resolve);
    });
  }

  #of(ingressId: string | undefined): readonly (readonly [string, Held])[] {
    const all = [...this.#sessions];
    return ingressId === undefined ? all : all.filter(([, held]) => held.ingressId === ingressId);
  }

  #touch(channelId: string): void {
    const held = this.#sessions.get(channelId);
    if (held !== undefined) held.numSilent = 0;
  }

  /** Frees everything the session holds. */
  #release(channelId: string): void {
    const held = this.#sessions.get(channelId);
    if (held === undefined) return;
    this.#sessions.delete(channelId);
    held.served.close();
    this.#sendGone(held.ingressId, channelId); // ignored by an ingress that has closed it
    if (this.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #send(ingressId: string, message: ToSessionIngress): void {
    this.#hub.send(addresses.ingress(ingressId), message);
  }

  #sendGone(ingressId: string, channelId: string, why?: AdaedlError): void {
    const failure = why && encodeFailure(why);
    this.#send(ingressId, { type: "gone", channelId, workerId: this.#hub.id, failure });
  }
}
