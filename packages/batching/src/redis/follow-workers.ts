import { workerLeaseTicks } from "./addresses.ts";
import type { Beat } from "./messages.ts";
import { createRoster, type Roster } from "./roster.ts";

export interface WorkerEvents {
  onFound(workerId: string): void;
  /** @param hasLeft whether it said so; else it fell silent */
  onLost(workerId: string, hasLeft: boolean): void;
  /** Messages to the worker may have been lost. */
  onLosses(workerId: string): void;
  /** A worker of another kind than the first one; told once for each. */
  onStranger(workerId: string): void;
}

/** The workers that serve the same sessions: those of the kind of the first one that was heard. */
export interface FollowedWorkers extends Roster {
  readonly first: Promise<Beat>;
}

/** So many strangers are told of. */
const maxStrangers = 100;

export function followWorkers(events: WorkerEvents): FollowedWorkers {
  const strangers = new Set<string>();
  let kind: string | undefined;
  let onFirst: (worker: Beat) => void = () => {};
  const first = new Promise<Beat>((resolve) => {
    onFirst = resolve;
  });
  const roster = createRoster({
    leaseTicks: workerLeaseTicks,
    accepts(worker) {
      if (worker.kind === (kind ?? worker.kind)) return true;
      if (strangers.size < maxStrangers && !strangers.has(worker.id)) {
        strangers.add(worker.id);
        events.onStranger(worker.id);
      }
      return false;
    },
    onFound(worker) {
      kind ??= worker.kind;
      onFirst(worker);
      events.onFound(worker.id);
    },
    onLost: events.onLost,
    onLosses: events.onLosses,
  });
  return { ...roster, first };
}
