import { AdaedlError } from "@adaedl/core";

export interface SlotBudgetOptions {
  readonly cacheBytes: number;
  readonly maxSessions: number;
  /** Bytes of a token's row, and how many rows room is made for at a time. */
  readonly rowBytes: number;
  readonly rowBlock: number;
}

/** Who may keep rows in memory. Pure bookkeeping: it names the sessions to evict. */
export interface SlotBudget {
  readonly usedBytes: number;
  /** Sessions there is room for, as far as their number goes. */
  readonly numFree: number;
  /** Whether there is a session that could make room. */
  readonly hasIdle: boolean;
  /**
   * Makes room for `length` rows of a session, old or new.
   * @returns sessions to evict, which no longer count; the longest idle first
   * @throws AdaedlError `resource_exhausted` when too little would become free, `out_of_range` when
   *   the session would not fit even alone
   */
  reserve(sessionId: string, length: number): string[];
  /** A session that works is not evicted. A new one counts as working until its first `release`. */
  hold(sessionId: string): void;
  release(sessionId: string): void;
  free(sessionId: string): void;
}

interface Place {
  bytes: number;
  isIdle: boolean;
}

/** When it is worth asking again: rounds take some milliseconds each. */
const retryAfterMs = 200;

/**
 * A bounded number of sessions and bytes. The least recently used idle session makes room. A session
 * is never evicted before its first round: else two that take turns opening would never get anywhere.
 */
export function createSlotBudget(options: SlotBudgetOptions): SlotBudget {
  const { cacheBytes, maxSessions, rowBytes, rowBlock } = options;
  /** In the order of their last use. */
  const places = new Map<string, Place>();
  let usedBytes = 0;
  const bytesOf = (length: number) => Math.ceil(length / rowBlock) * rowBlock * rowBytes;

  function free(sessionId: string): void {
    usedBytes -= places.get(sessionId)?.bytes ?? 0;
    places.delete(sessionId);
  }

  function setIdle(sessionId: string, isIdle: boolean): void {
    const place = places.get(sessionId);
    if (place === undefined) return;
    place.isIdle = isIdle;
    places.delete(sessionId); // to the end of the order
    places.set(sessionId, place);
  }

  return {
    get usedBytes() {
      return usedBytes;
    },
    get numFree() {
      return maxSessions - places.size;
    },
    get hasIdle() {
      for (const { isIdle } of places.values()) if (isIdle) return true;
      return false;
    },
    reserve(sessionId, length) {
      const own = places.get(sessionId);
      const bytes = Math.max(own?.bytes ?? 0, bytesOf(length));
      if (bytes > cacheBytes)
        throw new AdaedlError(
          "out_of_range",
          `the sequence must fit into the cache of ${cacheBytes} bytes, and ${length} tokens take ${bytes}`,
          { field: "sequence", value: length },
        );
      let tooMany = usedBytes - (own?.bytes ?? 0) + bytes - cacheBytes;
      let numOver = places.size + (own === undefined ? 1 : 0) - maxSessions;
      const evicted: string[] = [];
      for (const [otherId, other] of places) {
        if (tooMany <= 0 && numOver <= 0) break;
        if (!other.isIdle || otherId === sessionId) continue;
        evicted.push(otherId);
        tooMany -= other.bytes;
        numOver--;
      }
      if (tooMany > 0 || numOver > 0)
        throw new AdaedlError(
          "resource_exhausted",
          numOver > 0
            ? `${maxSessions} sessions are at work`
            : `the cache of ${cacheBytes} bytes has no room for ${length} tokens`,
          { retryAfterMs },
        );
      for (const otherId of evicted) free(otherId);
      usedBytes += bytes - (own?.bytes ?? 0);
      if (own === undefined) places.set(sessionId, { bytes, isIdle: false });
      else own.bytes = bytes;
      return evicted;
    },
    hold: (sessionId) => setIdle(sessionId, false),
    release: (sessionId) => setIdle(sessionId, true),
    free,
  };
}
