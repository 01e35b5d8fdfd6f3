import { AdaedlError } from "@adaedl/core";
import type { IngressCodec, JobHandler, RoundWorker, WorkerCodec } from "./round-queue.ts";

/** A job answers with its name and a number, so many times; the one named "broken" fails. */
export interface CaseJob {
  readonly name: string;
  readonly numAnswers: number;
  readonly sessionId: string;
  readonly opens: boolean;
}

/** Cases cross processes as they are. */
export const caseCodec: IngressCodec<CaseJob, string> & WorkerCodec<CaseJob, string> = {
  routeOf: ({ sessionId, opens }) => ({ sessionId, opens, client: "case" }),
  encodeJob: (job) => job,
  decodeJob(plain) {
    if (typeof (plain as CaseJob)?.name === "string") return plain as CaseJob;
    throw new AdaedlError("invalid_argument", "name must be there");
  },
  encodeAnswer: (answer) => answer,
  decodeAnswer: String,
};

export const answersOf = ({ name, numAnswers }: CaseJob) =>
  Array.from({ length: numAnswers }, (_, index) => `${name}${index}`);

/** A worker that lets jobs through when told to, and keeps a diary. */
export function createGatedWorker() {
  const diary: string[] = [];
  const gates = new Map<string, () => void>();
  let numForwards = 0;
  let isOpen = true;
  const handler: JobHandler<CaseJob, string> = async function* (job, signal) {
    diary.push(`begin ${job.name}`);
    try {
      if (!isOpen)
        await new Promise<void>((resolve, reject) => {
          gates.set(job.name, resolve);
          const onAbort = () => reject(AdaedlError.fromAbort(signal?.reason));
          signal?.addEventListener("abort", onAbort, { once: true });
        });
      if (job.name === "broken") throw new AdaedlError("internal", "the worker broke");
      for (const answer of answersOf(job)) {
        if (signal?.aborted) throw AdaedlError.fromAbort(signal.reason);
        diary.push(`made ${answer}`);
        yield answer;
      }
    } finally {
      diary.push(`end ${job.name}`);
    }
  };
  const worker: RoundWorker<CaseJob, string> = {
    run: handler,
    get numForwards() {
      return numForwards;
    },
    release: (sessionId) => void diary.push(`release ${sessionId}`),
  };
  return {
    worker,
    diary,
    begun: () => diary.filter((entry) => entry.startsWith("begin")).map((entry) => entry.slice(6)),
    hold: () => {
      isOpen = false;
    },
    /** The model completes a forward. */
    completeForward() {
      numForwards++;
    },
    /** Lets a job through that waits at its gate, or every one from now on. */
    release(name?: string) {
      if (name === undefined) isOpen = true;
      for (const [other, open] of gates) if (name === undefined || name === other) open();
    },
  };
}
