/** Clients that are remembered, and for how long after their last text. */
const maxClients = 32;
const keptMs = 10 * 60_000;

/**
 * What is remembered of each client's texts, for its own next ones alone: how fast a text comes would tell others
 * of it. It is gone when the client was away for ten minutes, or is one of too many.
 */
export class ClientMemories<Memory> {
  readonly #create: () => Memory;
  readonly #now: () => number;
  /** By client, the one used last at the end. */
  readonly #clients = new Map<string, { readonly memory: Memory; readonly usedAt: number }>();

  /** @param now milliseconds of a monotonic clock */
  constructor(create: () => Memory, now: () => number) {
    this.#create = create;
    this.#now = now;
  }

  /** Clients that are remembered. */
  get size(): number {
    return this.#clients.size;
  }

  /** The memory of a client that is used now. */
  of(client: string): Memory {
    const now = this.#now();
    for (const [oldest, { usedAt }] of this.#clients) {
      if (usedAt > now - keptMs) break;
      this.#clients.delete(oldest);
    }
    const memory = this.#clients.get(client)?.memory ?? this.#create();
    this.#clients.delete(client);
    this.#clients.set(client, { memory, usedAt: now });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > maxClients && oldest !== undefined) this.#clients.delete(oldest);
    return memory;
  }
}
