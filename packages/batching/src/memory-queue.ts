import { AdaedlError, throwIfAborted } from "@adaedl/core";
import type { QueueLimits, RoundQueue, RoundWorker } from "./round-queue.ts";

interface Waiting {
  start(): void;
  fail(error: AdaedlError): void;
}

/** When it is worth trying again: rounds take some milliseconds each. */
const retryAfterMs = 100;

/** The queue of a verifier that is ingress and worker at once: jobs run in the order they came in. */
export function createMemoryQueue<Job, Answer>(
  worker: RoundWorker<Job, Answer>,
  { maxQueued, maxRunning }: QueueLimits,
): RoundQueue<Job, Answer> {
  const waiting: Waiting[] = [];
  let numQueued = 0;
  let numRunning = 0;
  let isClosed = false;

  /** Resolves when it is the caller's turn; who has had a turn gives it back. */
  async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
    if (numRunning < maxRunning) {
      numRunning++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const entry: Waiting = {
        start() {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        fail(error) {
          signal?.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      const onAbort = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(AdaedlError.fromAbort(signal?.reason));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      waiting.push(entry);
    });
  }

  function giveTurn(): void {
    const next = waiting.shift();
    if (next === undefined) numRunning--;
    else next.start();
  }

  return {
    get numQueued() {
      return numQueued;
    },
    async *submit(job, signal) {
      throwIfAborted(signal);
      if (isClosed) throw new AdaedlError("unavailable", "the queue is closed");
      if (numQueued >= maxQueued)
        throw new AdaedlError("resource_exhausted", `${maxQueued} rounds are queued`, {
          field: "queue",
          retryAfterMs,
        });
      numQueued++;
      try {
        await takeTurn(signal);
        try {
          yield* worker.run(job, signal);
        } finally {
          giveTurn();
        }
      } finally {
        numQueued--;
      }
    },
    numForwards: () => worker.numForwards,
    release: (sessionId) => worker.release(sessionId),
    close() {
      isClosed = true;
      for (const entry of waiting.splice(0))
        entry.fail(new AdaedlError("unavailable", "the queue was closed"));
    },
  };
}
