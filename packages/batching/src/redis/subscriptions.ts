import type { Connection } from "./connect.ts";
import { readPublication } from "./publications.ts";
import type { Reachability } from "./reachability.ts";
import { isDenied, type RedisPlace, redisErrorOf } from "./redis-error.ts";
import type { Seal } from "./seal.ts";

/** One message that was sent to a channel. */
export type OnMessage = (message: unknown) => void;

/** What arrived on one channel and was not looked at yet. */
interface Inbox {
  readonly listeners: OnMessage[];
  readonly publications: Buffer[];
  numBytes: number;
}

/** Bounds of one inbox. What arrives beyond is dropped, which counts as a loss. */
const maxInboxBytes = 8 << 20;
const maxInboxPublications = 4_096;
/** After so long the event loop gets its turn. */
const sliceMs = 5;

/**
 * The channels that this process listens to. Whoever reaches Redis can publish anything, so what arrives
 * waits in a bounded inbox for each channel; the inboxes take turns, a few milliseconds in each turn of the
 * event loop. A channel full of junk delays neither the others nor what else the process does.
 */
export class Subscriptions {
  readonly #subscriber: Connection;
  readonly #reachability: Reachability;
  readonly #seal: Seal;
  readonly #place: RedisPlace;
  readonly #onRefused: () => void;
  readonly #inboxes = new Map<string, Inbox>();
  /** Channels whose inbox is not empty, in turn. */
  readonly #filled = new Set<string>();

  /** @param onRefused called for each publication that is dropped */
  constructor(
    subscriber: Connection,
    reachability: Reachability,
    { seal, place, onRefused }: { seal: Seal; place: RedisPlace; onRefused(): void },
  ) {
    this.#subscriber = subscriber;
    this.#reachability = reachability;
    this.#seal = seal;
    this.#place = place;
    this.#onRefused = onRefused;
    subscriber.on("messageBuffer", (channel: Buffer, bytes: Buffer) =>
      this.#receive(channel.toString(), bytes),
    );
    reachability.events.on("ready", () => {
      const channels = [...this.#inboxes.keys()];
      // What fails here was lost again, or shows by silence.
      if (channels.length > 0) subscriber.subscribe(...channels).catch(() => {});
    });
  }

  has(channel: string): boolean {
    return this.#inboxes.has(channel);
  }

  /**
   * Resolves when messages to the channel arrive.
   * @throws AdaedlError where the Redis user may not subscribe
   */
  async listen(channel: string, onMessage: OnMessage): Promise<void> {
    const inbox = this.#inboxes.get(channel) ?? { listeners: [], publications: [], numBytes: 0 };
    this.#inboxes.set(channel, inbox);
    inbox.listeners.push(onMessage);
    for (;;) {
      await this.#reachability.whenReady();
      try {
        await this.#subscriber.subscribe(channel);
        return;
      } catch (error) {
        if (this.#reachability.isReady || isDenied(error)) throw redisErrorOf(error, this.#place);
      }
    }
  }

  deliver(channel: string, messages: readonly unknown[]): void {
    for (const onMessage of this.#inboxes.get(channel)?.listeners ?? [])
      for (const message of messages) onMessage(message);
  }

  #receive(channel: string, bytes: Buffer): void {
    const inbox = this.#inboxes.get(channel);
    if (inbox === undefined || bytes.length === 0) return;
    const isFull =
      inbox.publications.length >= maxInboxPublications ||
      inbox.numBytes + bytes.length > maxInboxBytes;
    if (isFull) {
      this.#reachability.onDropped();
      this.#onRefused();
      return;
    }
    inbox.publications.push(bytes);
    inbox.numBytes += bytes.length;
    if (this.#filled.size === 0) setImmediate(() => this.#work());
    this.#filled.add(channel);
  }

  #work(): void {
    const until = performance.now() + sliceMs;
    for (const channel of this.#filled) {
      this.#filled.delete(channel);
      const inbox = this.#inboxes.get(channel) as Inbox;
      const bytes = inbox.publications.shift() as Buffer;
      inbox.numBytes -= bytes.length;
      if (inbox.publications.length > 0) this.#filled.add(channel); // at the end
      const messages = readPublication(this.#seal, channel, bytes);
      if (messages === undefined) this.#onRefused();
      else this.deliver(channel, messages);
      if (performance.now() > until) break;
    }
    if (this.#filled.size > 0) setImmediate(() => this.#work());
  }
}
