import { type Beat, beat } from "./messages.ts";

/** Those whose beats are heard: each has a lease that the next beat renews. */
export interface Roster {
  readonly members: ReadonlyMap<string, Beat>;
  /** A beat came in. What is none is ignored. */
  hear(message: unknown): void;
  /** Somebody who is to be heard within a lease, or is lost. */
  expect(id: string): void;
  /** Time passes. */
  tick(): void;
  /** Everybody is given a whole lease and some time more: nobody could be heard for a while. */
  pardon(): void;
}

export interface RosterOptions {
  /** Whether to follow who beats like that; default: everybody. */
  accepts?(beat: Beat): boolean;
  /** Ticks without a beat after which a member is gone. */
  readonly leaseTicks: number;
  onFound?(beat: Beat): void;
  /** @param hasLeft whether it said so; else it fell silent */
  onLost(id: string, hasLeft: boolean): void;
  /** Messages to a member may have been lost. */
  onLosses?(id: string): void;
}

/** Others may find Redis again a little later. */
const pardonTicks = 20;
/** More than so many are not followed: whoever reaches Redis can send beats. */
const maxMembers = 4_096;

export function createRoster(options: RosterOptions): Roster {
  const { leaseTicks, onLost } = options;
  const members = new Map<string, Beat>();
  const silences = new Map<string, number>();

  function remove(id: string, hasLeft: boolean): void {
    members.delete(id);
    silences.delete(id);
    onLost(id, hasLeft);
  }

  return {
    members,
    hear(message) {
      const parsed = beat.safeParse(message);
      if (!parsed.success) return;
      const { id, numLosses, isLeaving } = parsed.data;
      const known = members.get(id);
      if (isLeaving) {
        if (known !== undefined) remove(id, true);
        return;
      }
      if (known === undefined) {
        if (members.size >= maxMembers || options.accepts?.(parsed.data) === false) return;
      }
      members.set(id, parsed.data);
      silences.set(id, 0);
      if (known === undefined) options.onFound?.(parsed.data);
      else if (known.numLosses !== numLosses) options.onLosses?.(id);
    },
    expect(id) {
      if (!silences.has(id)) silences.set(id, 0);
    },
    tick() {
      for (const [id, numSilent] of silences) {
        if (numSilent + 1 >= leaseTicks) remove(id, false);
        else silences.set(id, numSilent + 1);
      }
    },
    pardon() {
      for (const id of silences.keys()) silences.set(id, -pardonTicks);
    },
  };
}
