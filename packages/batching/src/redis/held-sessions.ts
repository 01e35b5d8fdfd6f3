/** The sessions of a worker, and whose they are. */
export interface HeldSessions {
  readonly size: number;
  hold(sessionId: string, ingressId: string): void;
  /** It was asked for: it is not forgotten. */
  touch(sessionId: string): void;
  release(sessionId: string): void;
  /** Frees all sessions of an ingress that is gone, or just all. */
  releaseAll(ingressId?: string): void;
  /** Time passes: what nobody asked for during `forgetAfterTicks` is freed. */
  tick(): void;
  /** Resolves when there is none. */
  whenEmpty(): Promise<void>;
}

/**
 * @param forgetAfterTicks an ingress releases its sessions, but its word may be lost
 * @param onRelease frees what the session holds; also told of sessions that are not here
 * @param isAtWork whether it is still being opened, which may take any time
 */
export function createHeldSessions(
  forgetAfterTicks: number,
  onRelease: (sessionId: string) => void,
  isAtWork: (sessionId: string) => boolean,
): HeldSessions {
  const sessions = new Map<string, { readonly ingressId: string; usedAt: number }>();
  let numTicks = 0;
  let waiting: (() => void)[] = [];

  function release(sessionId: string): void {
    sessions.delete(sessionId);
    onRelease(sessionId);
    if (sessions.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    get size() {
      return sessions.size;
    },
    hold: (sessionId, ingressId) => void sessions.set(sessionId, { ingressId, usedAt: numTicks }),
    touch(sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) session.usedAt = numTicks;
    },
    release,
    releaseAll(ingressId) {
      for (const [sessionId, session] of sessions)
        if (ingressId === undefined || session.ingressId === ingressId) release(sessionId);
    },
    tick() {
      numTicks++;
      for (const [sessionId, session] of sessions) {
        if (numTicks - session.usedAt <= forgetAfterTicks) continue;
        if (isAtWork(sessionId)) session.usedAt = numTicks;
        else release(sessionId);
      }
    },
    whenEmpty: () =>
      sessions.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
}
