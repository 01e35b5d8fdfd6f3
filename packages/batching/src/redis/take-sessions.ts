import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { addresses } from "./channel-messages.ts";
import { type Member, Membership, workerLeaseTicks } from "./membership.ts";
import type { Placement, PlacementSource } from "./placement-queue.ts";
import type { RedisHub } from "./redis-hub.ts";

/** How full a worker is, and of which kind. */
export type WorkerLoad = Pick<Member, "kind" | "numSessions" | "numPlaces">;

export interface TakerOptions {
  load(): WorkerLoad;
  /** Whether there is room for a session, or could be at the cost of another one for this client's. */
  hasRoom(): boolean;
  canMakeRoom(client: string): boolean;
  /** A session was taken from the queue. @returns false where no honest ingress can have added it */
  onTaken(taken: Placement): boolean;
}

/** Takes sessions from the shared queue. */
export interface SessionTaker {
  /** Resolves when no more will be taken. */
  stop(): Promise<void>;
}

/** How soon a worker looks again whether it is its turn, or somebody waits whom nobody took. */
const pauseMs = 100;
const errorPauseMs = 250;
/**
 * After so many jobs in a row that were refused the queue is emptied at once: one by one, tens of thousands
 * would keep sessions waiting for as many seconds.
 */
const maxRefused = 32;

/**
 * Competes for sessions: the workers with the least to do wait for them, so that load balances itself;
 * the others look now and then for one that nobody took, a full one at the cost of another session.
 */
export async function startTakingSessions(
  hub: RedisHub,
  source: PlacementSource,
  options: TakerOptions,
): Promise<SessionTaker> {
  const { kind } = options.load();
  const peers = new Membership({
    leaseTicks: workerLeaseTicks,
    accepts: (other) => other.kind === kind && other.id !== hub.id,
    onLost() {},
  });
  let wake = () => {};
  await hub.listen(addresses.workers, (message) => {
    peers.receive(message);
    wake();
  });
  hub.onTick(() => peers.tick());

  function isLeastLoaded(): boolean {
    const own = loadOf(options.load());
    return options.hasRoom() && [...peers.members.values()].every((other) => own <= loadOf(other));
  }

  /** For the session that would be taken next. */
  async function canMakeRoom(): Promise<boolean> {
    const next = await source.nextClient();
    if (next === undefined || next === "refused") return next !== undefined;
    return options.canMakeRoom(next.client);
  }

  /** @returns whether time has passed; else a peer has said something, and it is its turn now */
  function pause(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs, true);
      wake = () => {
        if (!isLeastLoaded()) return; // where many speak, time would never pass
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  let isTaking = true;
  let numRefused = 0;
  async function takeSessions(): Promise<void> {
    while (isTaking) {
      try {
        const isFirst = hub.isUp && (numRefused > 0 || isLeastLoaded());
        if (!isFirst && !(await pause())) continue;
        if (!hub.isUp || !(options.hasRoom() || (await canMakeRoom()))) continue;
        const taken = await source.take(isFirst);
        while (!hub.isUp && isTaking) await sleep(pauseMs); // a claim has to be received
        if (taken === undefined) numRefused = 0;
        else if (taken === "refused" || !options.onTaken(taken)) numRefused++;
        else numRefused = 0;
        if (numRefused >= maxRefused) {
          numRefused = 0;
          await source.drain();
        }
        await nextTurn(); // the session has its place by then, and the next one is not taken for it
      } catch {
        numRefused += hub.isUp ? maxRefused / 4 : 0; // a job that BullMQ cannot read
        if (isTaking) await sleep(errorPauseMs); // or Redis is away
      }
    }
  }
  const taking = takeSessions();

  return {
    async stop() {
      isTaking = false;
      await source.close();
      await taking;
    },
  };
}

function loadOf({ numSessions, numPlaces }: WorkerLoad): number {
  return numSessions / Math.max(1, numPlaces);
}
