import { AdaedlError, FairPlaces } from "@adaedl/core";
import type { Sequence } from "./sequence.ts";

export interface RoomOptions {
  /** Bytes of all sequences' rows together. */
  readonly cacheBytes: number;
  readonly maxSessions: number;
  /** Sequences that may wait for room; default: none, they are refused. */
  readonly maxWaiting?: number;
  /** Bytes of a token's row, and how many rows room is made for at a time. */
  readonly rowBytes: number;
  readonly rowBlock: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

export interface RoomHost {
  /** A sequence has room now: it may be opened. */
  admitted(sequence: Sequence): void;
  /** Its room was given to another one. */
  evicted(sequence: Sequence): void;
  /** It waited, and would not fit even alone. */
  refused(sequence: Sequence, error: AdaedlError): void;
}

/**
 * How long, in milliseconds, a sequence whose edge has asked for nothing yet counts as one that works: an edge
 * that drafts before it asks must get that far, or those that open in turn would all get nowhere.
 */
export const openerMs = 5_000;
/** When it is worth asking again: steps take some milliseconds each. */
const retryAfterMs = 200;

/** The slots and bytes of a target, for the rows of sequences, by the rules of `FairPlaces`. */
export class Room {
  readonly #options: RoomOptions;
  readonly #host: RoomHost;
  readonly #places: FairPlaces<Sequence>;
  /** Those that wait, in the order in which they came. */
  readonly #waiting = new Set<Sequence>();
  #numEvicted = 0;
  #isLettingIn = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoomOptions, host: RoomHost) {
    this.#options = options;
    this.#host = host;
    this.#places = new FairPlaces({
      maxPlaces: options.maxSessions,
      maxAmount: options.cacheBytes,
    });
  }

  get usedBytes(): number {
    return this.#places.amount;
  }

  get numFree(): number {
    return this.#options.maxSessions - this.#places.size;
  }

  get numWaiting(): number {
    return this.#waiting.size;
  }

  get numEvicted(): number {
    return this.#numEvicted;
  }

  /** Whether a session of this client would get room, as far as slots go. */
  hasRoomFor(client: string): boolean {
    return this.#places.canTake(client, 0, this.#options.now());
  }

  /**
   * Admits a sequence, at once or when there is room.
   * @throws AdaedlError as `reserve` does where it may not wait
   */
  enter(sequence: Sequence): void {
    const { maxWaiting = 0 } = this.#options;
    if (this.#waiting.size < maxWaiting) {
      this.#waiting.add(sequence);
      this.letIn();
    } else {
      this.reserve(sequence, sequence.start.tokenIds.length);
      this.#host.admitted(sequence);
    }
  }

  /**
   * Makes room for so many rows of a sequence.
   * @throws AdaedlError `resource_exhausted` with the time to wait where there is none, `out_of_range` where
   *   they would not fit even alone
   */
  reserve(sequence: Sequence, numRows: number): void {
    if (this.#tryReserve(sequence, numRows)) return;
    const { cacheBytes, maxSessions } = this.#options;
    const message =
      this.numFree > 0
        ? `the cache of ${cacheBytes} bytes has no room for ${numRows} tokens`
        : `${maxSessions} sessions are at work`;
    throw new AdaedlError("resource_exhausted", message, { retryAfterMs });
  }

  /** The sequence has something to do. */
  work(sequence: Sequence): void {
    this.#places.work(sequence);
  }

  /** The sequence waits for its edge. */
  rest(sequence: Sequence): void {
    const from = this.#options.now() + (sequence.hasCommitted ? 0 : openerMs);
    this.#places.rest(sequence, from);
    this.letIn();
  }

  /** It has ended, or waits no longer. Others are let in by `letIn`. */
  leave(sequence: Sequence): void {
    this.#waiting.delete(sequence);
    this.#places.free(sequence);
  }

  /** Something has changed: lets those in that there is room for now. */
  letIn(): void {
    if (this.#isLettingIn) return; // making room for one ends another, which calls this again
    this.#isLettingIn = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#waiting.delete(next);
      this.#host.admitted(next);
    }
    this.#isLettingIn = false;
    this.#lookAgain();
  }

  /** The next one that has got room: of the client with the smallest share, who came first. */
  #next(): Sequence | undefined {
    const firsts = new Map<string, Sequence>();
    for (const sequence of this.#waiting) {
      const { client } = sequence.start;
      if (!firsts.has(client)) firsts.set(client, sequence);
    }
    const shareOf = ({ start }: Sequence) => this.#places.shareOf(start.client);
    const inTurn = [...firsts.values()].sort((a, b) => shareOf(a) - shareOf(b));
    return inTurn.find((sequence) => {
      try {
        return this.#tryReserve(sequence, sequence.start.tokenIds.length);
      } catch (error) {
        this.#host.refused(sequence, AdaedlError.from(error));
        return false;
      }
    });
  }

  /** Those that rest make room with time alone. */
  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    const now = this.#options.now();
    const at = this.#places.nextRested(now);
    if (at !== undefined) this.#timer = setTimeout(() => this.letIn(), Math.ceil(at - now));
  }

  /** @throws AdaedlError `out_of_range` */
  #tryReserve(sequence: Sequence, numRows: number): boolean {
    const { cacheBytes, rowBlock, rowBytes, now } = this.#options;
    const bytes = Math.ceil(numRows / rowBlock) * rowBlock * rowBytes;
    if (bytes > cacheBytes)
      throw new AdaedlError(
        "out_of_range",
        `the sequence must fit into the cache of ${cacheBytes} bytes, and ${numRows} tokens take ${bytes}`,
        { field: "sequence", value: numRows },
      );
    const evicted = this.#places.take(sequence, sequence.start.client, bytes, now());
    for (const other of evicted ?? []) {
      this.#numEvicted++;
      this.#host.evicted(other);
    }
    return evicted !== undefined;
  }
}
