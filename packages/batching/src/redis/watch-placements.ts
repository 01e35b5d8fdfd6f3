import { AdaedlError } from "@adaedl/core";
import type { OwnSession } from "./own-sessions.ts";
import type { PlacementQueue } from "./placement-queue.ts";
import { tickMs } from "./reachability.ts";
import type { RedisHub } from "./redis-hub.ts";

/** How often, and after what time, a session that waits is looked for in the queue. */
const everyMs = 1_000;
/** So many are looked for at a time: those that wait longest. */
const mostAtATime = 64;

/**
 * Finds sessions that no worker has claimed and whose job is no longer in the queue: a worker took it and
 * died, or the queue was emptied. One that is missing twice in a row is put into the queue again; where
 * its first worker goes on after all, the second claim is refused.
 */
export function watchPlacements(
  hub: RedisHub,
  placements: PlacementQueue,
  listUnclaimed: () => readonly OwnSession[],
): void {
  let missing = new Set<string>();
  let isLooking = false;
  let numTicks = 0;

  async function look(nowMissing: Set<string>): Promise<void> {
    const longAgo = performance.now() - everyMs;
    const waits = listUnclaimed().filter(({ since }) => since < longAgo);
    await Promise.all(
      waits.slice(0, mostAtATime).map(async ({ jobId, placeAgain, remote }) => {
        if (jobId === undefined || (await placements.has(jobId))) return;
        if (!missing.has(jobId)) nowMissing.add(jobId);
        else await placeAgain?.().catch((error) => remote.fail(AdaedlError.from(error)));
      }),
    );
  }

  hub.onTick(() => {
    if (++numTicks % (everyMs / tickMs) !== 0 || !hub.isUp || isLooking) return;
    isLooking = true;
    const nowMissing = new Set<string>();
    look(nowMissing)
      .catch(() => {}) // Redis is away: whoever waits is told by other means
      .finally(() => {
        missing = nowMissing;
        isLooking = false;
      });
  });
}
