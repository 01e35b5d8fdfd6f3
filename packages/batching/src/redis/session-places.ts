/** Which sessions an ingress has, whose they are and which worker has them. */
export interface SessionPlaces {
  workerOf(sessionId: string): string | undefined;
  /** A session that looks for a place. @returns how many the client has, this one included */
  add(sessionId: string, client: string): number;
  place(sessionId: string, workerId: string): void;
  /** The session has ended. @returns who had it */
  remove(sessionId: string): string | undefined;
}

export function createSessionPlaces(): SessionPlaces {
  const workers = new Map<string, string>();
  const clients = new Map<string, string>();
  const counts = new Map<string, number>();

  function count(client: string, change: number): number {
    const total = (counts.get(client) ?? 0) + change;
    if (total > 0) counts.set(client, total);
    else counts.delete(client);
    return total;
  }

  return {
    workerOf: (sessionId) => workers.get(sessionId),
    add(sessionId, client) {
      const isNew = !clients.has(sessionId);
      clients.set(sessionId, client);
      return count(client, isNew ? 1 : 0);
    },
    place: (sessionId, workerId) => void workers.set(sessionId, workerId),
    remove(sessionId) {
      const workerId = workers.get(sessionId);
      const client = clients.get(sessionId);
      workers.delete(sessionId);
      clients.delete(sessionId);
      if (client !== undefined) count(client, -1);
      return workerId;
    },
  };
}
