import { AdaedlError } from "@adaedl/core";
import { createMemoryQueue } from "../memory-queue.ts";
import type { QueueLimits, RoundWorker, WorkerCodec } from "../round-queue.ts";
import { answerWindow } from "./addresses.ts";
import { encodeFailure, type Placement, type ToIngress } from "./messages.ts";

/** Jobs of ingresses that wait or run in this worker. */
export interface RunningJobs {
  /** Jobs that wait or run. */
  readonly numQueued: number;
  /** Whether one of them is the session's. */
  hasSession(sessionId: string): boolean;
  /**
   * Runs a job, and sends its answers as they are taken. One that runs already goes on, and says again
   * what did not arrive.
   * @param numReceived answers that came in when it was asked the last time
   */
  start(placement: Placement, numReceived: number): void;
  /** So many of its answers were taken. */
  take(jobId: string, numTaken: number): void;
  /** Nobody waits for it any more. */
  cancel(jobId: string): void;
  /** The session is over, or its ingress is gone. */
  cancelSession(sessionId: string): void;
  /** Takes it out, if it has not begun. */
  withdraw(jobId: string): void;
  /** Ends all, and takes no more. */
  close(error: AdaedlError): void;
}

type AnswerMessage = Extract<ToIngress, { type: "answer" }>;

interface RunningJob<Job> {
  readonly sessionId: string;
  readonly job: Job;
  readonly controller: AbortController;
  hasBegun: boolean;
  numTaken: number;
  /** What was sent and not taken yet, as far as is known: no more than a window. */
  readonly untaken: AnswerMessage[];
  wake(): void;
}

/** @param limits how many wait and run at a time */
export function createRunningJobs<Job, Answer>(
  worker: RoundWorker<Job, Answer>,
  limits: QueueLimits,
  codec: WorkerCodec<Job, Answer>,
  tell: (ingressId: string, message: ToIngress) => void,
): RunningJobs {
  const running = new Map<string, RunningJob<Job>>();
  const queue = createMemoryQueue<RunningJob<Job>, Answer>(
    {
      run(own, signal) {
        own.hasBegun = true;
        return worker.run(own.job, signal);
      },
      get numForwards() {
        return worker.numForwards;
      },
      release: (sessionId) => worker.release(sessionId),
    },
    limits,
  );

  async function run(ingressId: string, jobId: string, own: RunningJob<Job>): Promise<void> {
    const { signal } = own.controller;
    try {
      let number = 0;
      for await (const answer of queue.submit(own, signal)) {
        const plain = codec.encodeAnswer(answer);
        const message = { type: "answer", jobId, number, answer: plain } as const;
        if (number >= own.numTaken) own.untaken.push(message);
        tell(ingressId, message);
        number++;
        while (number - own.numTaken >= answerWindow && !signal.aborted)
          await new Promise<void>((resolve) => {
            own.wake = resolve;
          });
      }
      tell(ingressId, { type: "end", jobId, numAnswers: number });
    } catch (error) {
      tell(ingressId, { type: "failure", jobId, failure: encodeFailure(error) });
    } finally {
      running.delete(jobId);
    }
  }

  function abort(job: RunningJob<Job> | undefined, error: AdaedlError): void {
    job?.controller.abort(error);
    job?.wake();
  }

  function take(own: RunningJob<Job>, numTaken: number): void {
    own.numTaken = Math.max(own.numTaken, numTaken);
    while ((own.untaken[0]?.number ?? own.numTaken) < own.numTaken) own.untaken.shift();
    own.wake();
  }

  return {
    get numQueued() {
      return queue.numQueued;
    },
    hasSession(sessionId) {
      for (const own of running.values()) if (own.sessionId === sessionId) return true;
      return false;
    },
    start({ ingressId, jobId, sessionId, job: plain }, numReceived) {
      const known = running.get(jobId);
      if (known !== undefined) {
        take(known, numReceived);
        for (const message of known.untaken) tell(ingressId, message);
        return;
      }
      try {
        const job = codec.decodeJob(plain);
        const controller = new AbortController();
        const own: RunningJob<Job> = {
          sessionId,
          job,
          controller,
          hasBegun: false,
          numTaken: numReceived,
          untaken: [],
          wake() {},
        };
        running.set(jobId, own);
        void run(ingressId, jobId, own);
      } catch (error) {
        tell(ingressId, { type: "failure", jobId, failure: encodeFailure(error) });
      }
    },
    take(jobId, numTaken) {
      const own = running.get(jobId);
      if (own !== undefined) take(own, numTaken);
    },
    cancel: (jobId) => abort(running.get(jobId), notWanted()),
    cancelSession(sessionId) {
      for (const own of running.values()) if (own.sessionId === sessionId) abort(own, notWanted());
    },
    withdraw(jobId) {
      const own = running.get(jobId);
      if (own?.hasBegun) return;
      abort(own, new AdaedlError("unavailable", "the queue was closed"));
    },
    close(error) {
      queue.close();
      for (const own of running.values()) abort(own, error);
    },
  };
}

function notWanted(): AdaedlError {
  return new AdaedlError("cancelled", "nobody waits for it any more");
}
