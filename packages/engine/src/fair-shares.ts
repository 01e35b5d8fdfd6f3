/**
 * Who has been given how much, so that it can be shared equally: start-time fair queueing (Goyal, Vin
 * and Cheng 1996, https://doi.org/10.1145/248156.248171). Each client has a count of what it was
 * given, and the one whose count is lowest is next. The counts of clients that always want more stay
 * within one service of each other, however many calls each makes and however large they are.
 *
 * Counts mean something only while somebody waits. Who comes, or comes back, starts level with the
 * lowest of those that wait: what was not asked for earns no credit. A count above that is kept, since
 * a session asks for nothing for a moment after each answer, and that settles no debt.
 */
export interface FairShares {
  /** Clients whose counts are remembered. */
  readonly numClients: number;
  /** What a client counts as having been given; its next service's start tag. */
  countOf(client: string): number;
  /** @param amount of whatever is shared, 0 and up */
  charge(client: string, amount: number): void;
  /**
   * Told after each turn who still waits. What says no more than that a client is level with them is
   * forgotten. When nobody waits everyone has got what they asked for, and all are level again.
   */
  settle(waiting: ReadonlySet<string>): void;
}

/** Clients that ask for nothing and are remembered all the same, because they had more than others. */
const maxDebtors = 1024;

export function createFairShares(): FairShares {
  const counts = new Map<string, number>();
  /** Lowest count of those that wait, and where newcomers start: the virtual time. */
  let floor = 0;
  const countOf = (client: string) => Math.max(counts.get(client) ?? 0, floor);

  return {
    get numClients() {
      return counts.size;
    },
    countOf,
    charge(client, amount) {
      counts.set(client, countOf(client) + amount);
    },
    settle(waiting) {
      if (waiting.size === 0) {
        counts.clear();
        floor = 0;
        return;
      }
      floor = Math.min(...[...waiting].map(countOf));
      let numDebtors = 0;
      for (const [client, count] of counts) {
        const isLevel = count <= floor;
        if (isLevel || (!waiting.has(client) && ++numDebtors > maxDebtors)) counts.delete(client);
      }
    },
  };
}
