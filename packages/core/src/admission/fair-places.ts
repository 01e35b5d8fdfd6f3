/** How many places there are, and how much they may take together. */
export interface PlacesLimits {
  readonly maxPlaces: number;
  /** In whatever unit the places are measured, such as bytes. Default: without bound. */
  readonly maxAmount?: number;
}

interface Place {
  readonly client: string;
  amount: number;
  /** Its own client may have it back from then on; `Infinity` while it works. */
  restsFrom: number;
}

interface Holding {
  readonly num: number;
  readonly amount: number;
}
const nothing: Holding = { num: 0, amount: 0 };

/**
 * How much longer a place rests, in milliseconds, before it is given to any client: between two rounds
 * a session rests for a round trip, and must not lose its place to a client that already holds more.
 */
export const restMs = 1_000;

/**
 * A bounded number of places (sessions, streams, connections) for clients that do not trust each other.
 * Pure bookkeeping: it names the places that are given to others, and `now` is any clock's milliseconds.
 *
 * - P1 there are never more places than `maxPlaces`, which together never take more than `maxAmount`
 * - P2 a place that rests is given to its own client at once, and to any other after `restMs`
 * - P3 else a place is given only to a client that then holds no more than the one that loses it: max-min
 *   fairness, by the resource that a client has the greatest share of (Ghodsi et al., Dominant
 *   Resource Fairness, NSDI 2011), so that clients never take places from each other in turn
 * - P4 no more places are given away than needed: first what rests longest, then the newest of the client that holds most
 */
export class FairPlaces<Key> {
  readonly #limits: Required<PlacesLimits>;
  /** In the order in which they were taken. */
  readonly #places = new Map<Key, Place>();
  readonly #holdings = new Map<string, Holding>();
  #amount = 0;

  constructor({ maxPlaces, maxAmount = Number.POSITIVE_INFINITY }: PlacesLimits) {
    this.#limits = { maxPlaces, maxAmount };
  }

  /** Places taken. */
  get size(): number {
    return this.#places.size;
  }

  get amount(): number {
    return this.#amount;
  }

  /** A client's share of the resource that it has the greatest share of, 0 to 1. */
  shareOf(client: string): number {
    return this.#share(this.#holdings.get(client) ?? nothing);
  }

  /** Whether `take` would give the client a new place. */
  canTake(client: string, amount: number, now: number): boolean {
    return this.#roomFor(undefined, client, 1, amount, now) !== undefined;
  }

  /**
   * Takes a place that works, or lets one grow to `amount`; it never shrinks.
   * @returns the places that were given away for it; undefined where there is no room: nothing has changed
   */
  take(key: Key, client: string, amount: number, now: number): readonly Key[] | undefined {
    const place = this.#places.get(key);
    const added = Math.max(0, amount - (place?.amount ?? 0));
    const given = this.#roomFor(key, client, place === undefined ? 1 : 0, added, now);
    if (given === undefined) return undefined;
    for (const other of given) this.free(other);
    if (place === undefined)
      this.#places.set(key, { client, amount, restsFrom: Number.POSITIVE_INFINITY });
    else place.amount += added;
    this.#hold(client, place === undefined ? 1 : 0, added);
    return given;
  }

  /** The place is in use: only P3 takes it from its client. */
  work(key: Key): void {
    const place = this.#places.get(key);
    if (place !== undefined) place.restsFrom = Number.POSITIVE_INFINITY;
  }

  /** The place waits for its client, and counts as resting from a time on: that of the first call after it worked. */
  rest(key: Key, from: number): void {
    const place = this.#places.get(key);
    if (place?.restsFrom === Number.POSITIVE_INFINITY) place.restsFrom = from;
  }

  free(key: Key): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    this.#hold(place.client, -1, -place.amount);
  }

  /** When the next place will have rested long enough for any client; undefined: none rests. */
  nextRested(now: number): number | undefined {
    const times = [...this.#places.values()].map(({ restsFrom }) => restsFrom + restMs);
    const next = Math.min(...times.filter((time) => time > now));
    return Number.isFinite(next) ? next : undefined;
  }

  #hold(client: string, num: number, amount: number): void {
    const before = this.#holdings.get(client) ?? nothing;
    this.#amount += amount;
    if (before.num + num === 0) this.#holdings.delete(client);
    else this.#holdings.set(client, { num: before.num + num, amount: before.amount + amount });
  }

  #share({ num, amount }: Holding): number {
    return Math.max(num / this.#limits.maxPlaces, amount / this.#limits.maxAmount);
  }

  /** The places to give away for one that takes so much more; undefined where that would break P2 and P3. */
  #roomFor(
    key: Key | undefined,
    client: string,
    num: number,
    amount: number,
    now: number,
  ): Key[] | undefined {
    const missing = {
      num: this.#places.size + num - this.#limits.maxPlaces,
      amount: this.#amount + amount - this.#limits.maxAmount,
    };
    const given = new Set<Key>();
    const isEnough = () => missing.num <= 0 && missing.amount <= 0;
    if (isEnough()) return [];
    const left = new Map(this.#holdings);
    const leftWithout = (place: Place) => minus(left.get(place.client) ?? nothing, place.amount);
    const give = ([other, place]: [Key, Place]) => {
      given.add(other);
      left.set(place.client, leftWithout(place));
      missing.num--;
      missing.amount -= place.amount;
    };
    for (const entry of this.#rested(key, client, now)) if (!isEnough()) give(entry);
    while (!isEnough()) {
      const held = left.get(client) ?? nothing;
      const share = this.#share({ num: held.num + num, amount: held.amount + amount });
      const entry = this.#leastOf(this.#greatest(left, client), given);
      if (entry === undefined || this.#share(leftWithout(entry[1])) < share) return undefined;
      give(entry);
    }
    return [...given];
  }

  /** The places that P2 gives to a client, what rests longest first. */
  #rested(key: Key | undefined, client: string, now: number): [Key, Place][] {
    const rested: [Key, Place][] = [];
    for (const entry of this.#places) {
      const [other, place] = entry;
      const ms = place.client === client ? 0 : restMs;
      if (other !== key && place.restsFrom + ms <= now) rested.push(entry);
    }
    return rested.sort(([, a], [, b]) => a.restsFrom - b.restsFrom);
  }

  /** What rests longest of a client's places, else the newest. */
  #leastOf(client: string | undefined, except: ReadonlySet<Key>): [Key, Place] | undefined {
    let least: [Key, Place] | undefined;
    for (const entry of this.#places) {
      const [key, place] = entry;
      if (place.client !== client || except.has(key)) continue;
      if (least === undefined || place.restsFrom <= least[1].restsFrom) least = entry;
    }
    return least;
  }

  /** The client that holds most, except one. */
  #greatest(holdings: ReadonlyMap<string, Holding>, except: string): string | undefined {
    let greatest: string | undefined;
    let most = 0;
    for (const [client, holding] of holdings) {
      if (client === except || this.#share(holding) <= most) continue;
      greatest = client;
      most = this.#share(holding);
    }
    return greatest;
  }
}

function minus({ num, amount }: Holding, amountOfOne: number): Holding {
  return { num: num - 1, amount: amount - amountOfOne };
}
