import { readFileSync } from "node:fs";

/** What a thread computed in each turn of its event loop, in milliseconds, as `watchTurns` saw it. */
export interface LoopTurns {
  readonly count: number;
  /** @param share such as 0.99 for what 99 of 100 turns stayed below */
  percentile(share: number): number;
}

/**
 * Watches what this thread computes without letting anything else have a turn. It counts processor time, so that
 * other work of the machine, for which the thread waits, does not look like its own.
 * @returns ends the watch
 */
export function watchTurns(): () => LoopTurns {
  const turns: number[] = [];
  let last = threadMs();
  const timer = setInterval(() => {
    const now = threadMs();
    turns.push(now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    turns.sort((a, b) => a - b);
    return {
      count: turns.length,
      percentile: (share) => turns[Math.floor(share * (turns.length - 1))] ?? 0,
    };
  };
}

/** Processor time of this thread; where the system does not tell, the time of the clock. */
function threadMs(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
