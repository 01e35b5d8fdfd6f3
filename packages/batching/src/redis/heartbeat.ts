import { beatTicks } from "./addresses.ts";
import type { Beat } from "./messages.ts";
import type { RedisHub } from "./redis-hub.ts";

/** Tells others, again and again, that this process is there. */
export interface Heartbeat {
  /** Beats at once, since something has changed. */
  beat(): void;
  /** Says that it was the last one: nobody waits for the lease to run out. */
  leave(): void;
}

/** @param state what is said besides the id */
export function startHeartbeat(
  hub: RedisHub,
  address: string,
  state: () => Omit<Beat, "id" | "numLosses" | "isLeaving">,
): Heartbeat {
  let numTicks = 0;
  let hasLeft = false;
  const say = (isLeaving: boolean) => {
    const { id, numLosses } = hub;
    const beat: Beat = { id, numLosses, ...state(), ...(isLeaving ? { isLeaving } : {}) };
    hub.broadcast(address, beat);
  };
  hub.onTick(() => {
    if (!hasLeft && ++numTicks % beatTicks === 0) say(false);
  });
  return {
    beat: () => say(false),
    leave() {
      if (hasLeft) return;
      hasLeft = true;
      say(true);
    },
  };
}
