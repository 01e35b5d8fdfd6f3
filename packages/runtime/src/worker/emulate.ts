import { type ForwardTime, forwardMsOf } from "@adaedl/core";
import type { SlotResult, SlotStep } from "../messages.ts";

/**
 * Runs a forward and then sleeps, in this thread, until the time has passed that a forward of its rows
 * is to take. One that really takes longer is not slowed, and steps that failed count no rows.
 */
export async function takeAtLeast(
  time: ForwardTime | undefined,
  steps: readonly SlotStep[],
  forward: () => Promise<SlotResult[]>,
): Promise<SlotResult[]> {
  const startedAt = performance.now();
  const results = await forward();
  const computed = steps.filter((_, index) => !("error" in (results[index] as SlotResult)));
  const numRows = computed.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  if (time !== undefined && numRows > 0) sleepUntil(startedAt + forwardMsOf(time, numRows));
  return results;
}

/** A timer is only as fine as a millisecond, which would be much of a draft's forward. */
function sleepUntil(endMs: number): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let leftMs = endMs - performance.now(); leftMs > 0; leftMs = endMs - performance.now())
    Atomics.wait(nothing, 0, 0, leftMs);
}
