import { AdaedlError, invalidField } from "@adaedl/core";
import { retryAfterMs } from "../draft-services/pool.ts";

/** How much runs here, of all callers. */
export interface Capacity {
  readonly numRunning: number;
  /** Whether nobody is let in any more. */
  readonly isDraining: boolean;
  /**
   * @param numChoices that are to be generated
   * @returns gives the places back; may be called again
   * @throws AdaedlError `unavailable` with `retryAfterMs`, `invalid_argument` for more than ever have room
   */
  enter(numChoices: number): () => void;
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
  return {
    get numRunning() {
      return numRunning;
    },
    get isDraining() {
      return isDraining;
    },
    enter(numChoices) {
      if (isDraining)
        throw new AdaedlError("unavailable", "the gateway is shutting down", { retryAfterMs });
      if (numChoices > maxRunning)
        throw invalidField("n", numChoices, `must be within the gateway's room, ${maxRunning}`);
      if (numRunning + numChoices > maxRunning)
        throw new AdaedlError(
          "unavailable",
          `the gateway has no room: ${numRunning} of ${maxRunning} generations are running`,
          { retryAfterMs },
        );
      numRunning += numChoices;
      let hasLeft = false;
      return () => {
        if (hasLeft) return;
        hasLeft = true;
        numRunning -= numChoices;
        tellIfDrained();
      };
    },
    drain() {
      isDraining = true;
      tellIfDrained();
      return isDrained;
    },
  };
}
