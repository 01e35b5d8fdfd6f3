import { AdaedlError } from "@adaedl/core";
import { retryAfterMs } from "../draft-services/pool.ts";

/** How much runs here, of all callers. */
export interface Capacity {
  readonly numRunning: number;
  /** Whether nobody is let in any more. */
  readonly isDraining: boolean;
  /**
   * A request enters, with a place for one choice at a time.
   * @returns gives the place back; may be called again
   * @throws AdaedlError `unavailable` with `retryAfterMs`
   */
  enter(): () => void;
  /**
   * A place for another choice of a request that has entered: only while fewer than half of the places are
   * taken, so that requests with many choices leave room for those of others.
   * @returns as `enter`; undefined where there is none
   */
  enterMore(): (() => void) | undefined;
  /** Nobody is let in any more; resolves when all have left. */
  drain(): Promise<void>;
}

export function createCapacity(maxRunning: number): Capacity {
  let numRunning = 0;
  let drained: (() => void) | undefined;
  const isDrained = new Promise<void>((resolve) => {
    drained = resolve;
  });
  let isDraining = false;
  const tellIfDrained = () => {
    if (isDraining && numRunning === 0) drained?.();
  };
  const take = () => {
    numRunning++;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      numRunning--;
      tellIfDrained();
    };
  };
  return {
    get numRunning() {
      return numRunning;
    },
    get isDraining() {
      return isDraining;
    },
    enter() {
      if (isDraining)
        throw new AdaedlError("unavailable", "the gateway is shutting down", { retryAfterMs });
      if (numRunning >= maxRunning)
        throw new AdaedlError(
          "unavailable",
          `the gateway has no room: ${numRunning} of ${maxRunning} generations are running`,
          { retryAfterMs },
        );
      return take();
    },
    enterMore: () => (numRunning < maxRunning / 2 ? take() : undefined),
    drain() {
      isDraining = true;
      tellIfDrained();
      return isDrained;
    },
  };
}
