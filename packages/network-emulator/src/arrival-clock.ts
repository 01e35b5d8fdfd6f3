import type { NetworkConditions } from "./conditions.ts";

/** Says when the bytes of one direction arrive. To be asked in the order in which they were sent. */
export interface ArrivalClock {
  /**
   * @param numBytes size of the piece
   * @param sentMs when it was sent
   * @param delayMs mean delay of the network at that time
   * @returns when it arrives, on the clock of `sentMs`: never before what was sent ahead of it
   */
  arrivalMs(numBytes: number, sentMs: number, delayMs: number): number;
}

/** A clock for one direction: a piece waits for the line, is sent at its bandwidth, and travels. */
export function createArrivalClock(
  conditions: Pick<NetworkConditions, "jitter" | "random" | "bitsPerMs">,
): ArrivalClock {
  const { jitter, random, bitsPerMs } = conditions;
  let freeMs = 0;
  let lastMs = 0;
  return {
    arrivalMs(numBytes, sentMs, delayMs) {
      freeMs = Math.max(freeMs, sentMs) + (numBytes * 8) / bitsPerMs;
      const stray = jitter === 0 ? 0 : jitter * (2 * random() - 1);
      lastMs = Math.max(lastMs, freeMs + delayMs * (1 + stray));
      return lastMs;
    },
  };
}
