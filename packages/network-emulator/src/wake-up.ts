/** How far from the moment that was asked for a wake-up may come, on a machine that is free. */
export const toleranceMs = 0.5;

/** One alarm that is set or not. */
export interface WakeUp {
  readonly isSet: boolean;
  /** Rings in about so many milliseconds; it may be early, so look at the clock then. */
  setIn(ms: number): void;
  /** Rings in the next turn of the event loop. */
  setNextTurn(): void;
  clear(): void;
}

/** An alarm that calls `ring`; to be set anew each time. */
export function createWakeUp(ring: () => void): WakeUp {
  let timeout: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  function onWake(): void {
    clear();
    ring();
  }
  function clear(): void {
    clearTimeout(timeout);
    clearImmediate(immediate);
    timeout = immediate = undefined;
  }

  return {
    get isSet() {
      return timeout !== undefined || immediate !== undefined;
    },
    setIn(ms) {
      clear();
      // Timers count whole milliseconds and cut off the rest: rounding halves the greatest error.
      timeout = setTimeout(onWake, Math.max(1, Math.round(ms)));
    },
    setNextTurn() {
      clear();
      immediate = setImmediate(onWake);
    },
    clear,
  };
}
