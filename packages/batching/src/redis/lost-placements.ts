import type { PlacementQueue } from "./placement-queue.ts";

/** A session that looks for a worker. */
export interface Seeking {
  readonly jobId: string;
  /** The worker that claims it may be on its way, or have died with it. */
  giveUp(): void;
}

/** So many are looked after at a time: those that wait longest. */
const maxLooked = 64;

/**
 * Finds sessions that are no longer in the queue and that no worker has claimed: it died in between, or
 * Redis was emptied. One that is missing twice in a row is given up.
 * @returns to be called about once a second
 */
export function lostPlacementFinder(
  placements: PlacementQueue,
  seeking: () => Iterable<Seeking>,
): () => Promise<void> {
  let missing = new Set<string>();
  let isLooking = false;
  return async () => {
    if (isLooking) return;
    isLooking = true;
    const nowMissing = new Set<string>();
    try {
      const all = [...seeking()].slice(0, maxLooked);
      await Promise.all(
        all.map(async ({ jobId, giveUp }) => {
          if (await placements.has(jobId)) return;
          if (missing.has(jobId)) giveUp();
          else nowMissing.add(jobId);
        }),
      );
    } catch {
      // Redis is away: whoever waits is told by other means.
    } finally {
      missing = nowMissing;
      isLooking = false;
    }
  };
}
