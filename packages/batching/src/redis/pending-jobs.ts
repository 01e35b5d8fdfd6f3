import { AdaedlError } from "@adaedl/core";
import type { IngressCodec } from "../round-queue.ts";
import { addresses } from "./addresses.ts";
import type { Inbox } from "./inbox.ts";
import { decodeFailure, type ToIngress, type ToWorker, toIngress } from "./messages.ts";
import { notThere } from "./not-there.ts";
import type { RedisHub } from "./redis-hub.ts";

/** A job that has not ended. */
export interface PendingJob<Answer> {
  readonly jobId: string;
  readonly sessionId: string;
  readonly opens: boolean;
  /** The job, as it crosses. */
  readonly plain: unknown;
  readonly inbox: Inbox<Answer>;
  readonly since: number;
  /** Who runs it; undefined while it waits for a worker. */
  workerId?: string;
}

/** The jobs of an ingress, and what workers say about them. */
export interface PendingJobs<Answer> {
  readonly all: Map<string, PendingJob<Answer>>;
  /** Sends the job to its worker; sent again, it is answered again and not run again. */
  send(job: PendingJob<Answer>): void;
  tell(workerId: string | undefined, message: ToWorker): void;
  /** A message of a worker. What is none is ignored. */
  hear(message: unknown): void;
  /** Fails those that are meant, each with an error of its own. */
  fail(
    isMeant: (job: PendingJob<Answer>) => boolean,
    errorOf: (sessionId: string) => AdaedlError,
  ): void;
  /** What was asked of a worker may never have arrived; it still has what it had. */
  askAgain(workerId: string): void;
}

/** What ends at a worker while Redis is away is said when it is back; so much of it is kept. */
const mostUnsaid = 10_000;
const sayAgainMs = 2_000;

/** @param onPlaced a worker has claimed a job's session, and is the first one */
export function createPendingJobs<Answer>(
  hub: RedisHub,
  { decodeAnswer }: Pick<IngressCodec<never, Answer>, "decodeAnswer">,
  onPlaced: (job: PendingJob<Answer>, workerId: string, numLosses: number) => void,
): PendingJobs<Answer> {
  const all = new Map<string, PendingJob<Answer>>();
  const unsaid: { readonly workerId: string; readonly message: ToWorker }[] = [];

  function tell(workerId: string | undefined, message: ToWorker): void {
    if (workerId === undefined) return;
    const isLasting = message.type === "cancel" || message.type === "release";
    if (isLasting && !hub.isUp && workerId !== hub.id && unsaid.length < mostUnsaid)
      unsaid.push({ workerId, message });
    else hub.send(addresses.worker(workerId), message);
  }

  const sayAll = () => {
    for (const { workerId, message } of unsaid) hub.send(addresses.worker(workerId), message);
  };
  hub.onUp(() => {
    sayAll();
    // Once more for workers that find Redis again a little later.
    setTimeout(() => {
      sayAll();
      if (hub.isUp) unsaid.length = 0;
    }, sayAgainMs).unref();
  });

  function send({ jobId, sessionId, plain: job, workerId, inbox }: PendingJob<Answer>): void {
    const { numReceived } = inbox;
    tell(workerId, { type: "job", jobId, ingressId: hub.id, sessionId, job, numReceived });
  }

  function onClaim(
    { jobId, sessionId, workerId, numLosses }: Extract<ToIngress, { type: "claim" }>,
    job: PendingJob<Answer> | undefined,
  ): void {
    if (job?.workerId === workerId) return; // once more
    if (job?.opens && job.workerId === undefined && !job.inbox.isOver) {
      job.workerId = workerId;
      onPlaced(job, workerId, numLosses);
      return;
    }
    tell(workerId, { type: "cancel", jobId });
    tell(workerId, { type: "release", sessionId });
  }

  function onAnswer(
    message: Exclude<ToIngress, { type: "claim" }>,
    { inbox }: PendingJob<Answer>,
  ): void {
    const wasLost = () =>
      inbox.fail(new AdaedlError("aborted", "an answer of the worker was lost"));
    if (message.type === "failure") inbox.fail(decodeFailure(message.failure));
    else if (message.type === "end") {
      if (message.numAnswers <= inbox.numReceived) inbox.end();
      else wasLost();
    } else if (message.number > inbox.numReceived) wasLost();
    else if (message.number === inbox.numReceived) {
      try {
        inbox.put(decodeAnswer(message.answer));
      } catch (error) {
        const { message: why } = AdaedlError.from(error);
        inbox.fail(new AdaedlError("internal", `the worker answered nonsense: ${why}`));
      }
    } // a lower number was answered once more
  }

  return {
    all,
    send,
    tell,
    hear(message) {
      const parsed = toIngress.safeParse(message);
      if (!parsed.success) return;
      const job = all.get(parsed.data.jobId);
      if (parsed.data.type === "claim") onClaim(parsed.data, job);
      else if (job !== undefined) onAnswer(parsed.data, job);
    },
    fail(isMeant, errorOf) {
      for (const job of all.values()) if (isMeant(job)) job.inbox.fail(errorOf(job.sessionId));
    },
    askAgain(workerId) {
      for (const job of all.values()) {
        if (job.workerId !== workerId) continue;
        if (job.opens) job.inbox.fail(notThere(job.sessionId));
        else send(job);
      }
    },
  };
}
