import { AdaedlError } from "@adaedl/core";
import type { PlacementQueue } from "./placement-queue.ts";
import { type RedisHub, tickMs } from "./redis-hub.ts";

/** How often, and after what time, a session that waits is looked for in the queue. */
const everyMs = 1_000;
/** So many are looked for at a time: those that wait longest. */
const mostAtATime = 64;

/** A session that no worker has claimed. */
export interface UnclaimedSession {
  readonly jobId: string;
  readonly sessionId: string;
  readonly since: number;
  fail(error: AdaedlError): void;
}

/**
 * Finds sessions that are no longer in the queue and that no worker has claimed: it died in between, or
 * Redis was emptied. One that is missing twice in a row fails with `aborted`.
 */
export function watchPlacements(
  hub: RedisHub,
  placements: PlacementQueue,
  listUnclaimed: () => readonly UnclaimedSession[],
): void {
  let missing = new Set<string>();
  let isLooking = false;
  let numTicks = 0;

  async function look(): Promise<void> {
    isLooking = true;
    const nowMissing = new Set<string>();
    const longAgo = performance.now() - everyMs;
    const waits = listUnclaimed().filter(({ since }) => since < longAgo);
    try {
      await Promise.all(
        waits.slice(0, mostAtATime).map(async ({ jobId, sessionId, fail }) => {
          if (await placements.has(jobId)) return;
          if (missing.has(jobId)) fail(unclaimed(sessionId));
          else nowMissing.add(jobId);
        }),
      );
    } catch {
      // Redis is away: whoever waits is told by other means.
    } finally {
      missing = nowMissing;
      isLooking = false;
    }
  }

  hub.onTick(() => {
    if (++numTicks % (everyMs / tickMs) === 0 && hub.isUp && !isLooking) void look();
  });
}

function unclaimed(sessionId: string): AdaedlError {
  return new AdaedlError("aborted", `no worker claimed session ${sessionId}: open it again`, {
    field: "session_id",
    value: sessionId,
  });
}
