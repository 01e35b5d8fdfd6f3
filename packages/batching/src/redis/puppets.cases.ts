import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { addresses } from "./addresses.ts";
import { kind, type Meeting } from "./meeting.cases.ts";
import type { Beat, Placement, ToIngress, ToWorker } from "./messages.ts";
import { queueOf } from "./placements.cases.ts";
import type { RedisHub } from "./redis-hub.ts";

/** A worker that says what it is told to say. */
export interface PuppetWorker {
  readonly hub: RedisHub;
  /** What was said to it. */
  readonly heard: ToWorker[];
  /** The last job it was asked for. */
  lastJob(): Extract<ToWorker, { type: "job" }> | undefined;
  /** Says something to the ingress "i"; several at a time arrive at a time. */
  say(...messages: readonly object[]): void;
  /** Takes the session that waits for a place from the queue. */
  take(): Promise<Placement>;
  claim(taken: Pick<Placement, "jobId" | "sessionId">): void;
  /** Takes and claims one, and answers with its name. */
  open(): Promise<void>;
  beat(fields?: Partial<Beat>): void;
}

/** @param isSilent whether it never says a beat by itself */
export async function openPuppetWorker(
  meeting: Meeting,
  id: string,
  { isSilent = false } = {},
): Promise<PuppetWorker> {
  const hub = await meeting.openHub(id);
  const heard: ToWorker[] = [];
  await hub.listen(addresses.worker(id), (message) => heard.push(message as ToWorker));
  let numLosses = 0;
  const say: PuppetWorker["say"] = (...messages) => {
    for (const message of messages) hub.broadcast(addresses.ingress("i"), message);
  };
  function beat(fields: Partial<Beat> = {}): void {
    numLosses = fields.numLosses ?? numLosses;
    const load = { numSessions: 0, numPlaces: 1, numQueued: 0, numForwards: 0 };
    hub.broadcast(addresses.workers, { id, kind, facts: null, ...load, ...fields, numLosses });
  }
  const beating = setInterval(() => isSilent || beat(), 100);
  onTestFinished(() => clearInterval(beating));
  async function take(): Promise<Placement> {
    const queue = queueOf(meeting);
    for (;;) {
      const [job] = await queue.getPrioritized(0, 0);
      if (job === undefined) continue;
      await job.remove();
      return job.data;
    }
  }
  const claim: PuppetWorker["claim"] = ({ jobId, sessionId }) =>
    say({ type: "claim", jobId, sessionId, workerId: id, numLosses });
  return {
    hub,
    heard,
    lastJob: () => heard.findLast((message) => message.type === "job"),
    say,
    take,
    claim,
    async open() {
      const taken = await take();
      const { jobId, sessionId } = taken;
      claim(taken);
      say(
        { type: "answer", jobId, number: 0, answer: `${sessionId}0` },
        { type: "end", jobId, numAnswers: 1 },
      );
    },
    beat,
  };
}

/** An ingress that says what it is told to say. */
export interface PuppetIngress {
  readonly hub: RedisHub;
  /** What was said to it. */
  readonly heard: ToIngress[];
  /** Numbers of a job's answers, in the order they came. */
  numbersOf(jobId: string): number[];
  /** Says something to the worker "w". */
  say(...messages: readonly object[]): void;
  /** Puts a session into the queue. @returns the job's id */
  seek(sessionId: string): Promise<string>;
  /** Says that it leaves, and nothing more. */
  leave(): void;
}

/** @param isSilent whether it says no beats */
export async function openPuppetIngress(
  meeting: Meeting,
  id: string,
  { isSilent = false } = {},
): Promise<PuppetIngress> {
  const hub = await meeting.openHub(id);
  const heard: ToIngress[] = [];
  await hub.listen(addresses.ingress(id), (message) => heard.push(message as ToIngress));
  const nothing = { numSessions: 0, numPlaces: 0, numQueued: 0, numForwards: 0 };
  const load = { kind: "", facts: null, ...nothing };
  const beat = (fields: object = {}) =>
    hub.broadcast(addresses.ingresses, { id, numLosses: 0, ...load, ...fields });
  if (!isSilent) beat();
  const beating = setInterval(() => isSilent || beat(), 100);
  onTestFinished(() => clearInterval(beating));
  const queue = queueOf(meeting);
  return {
    hub,
    heard,
    numbersOf: (jobId) =>
      heard.flatMap((message) =>
        message.type === "answer" && message.jobId === jobId ? [message.number] : [],
      ),
    say(...messages) {
      for (const message of messages) hub.broadcast(addresses.worker("w"), message);
    },
    async seek(sessionId) {
      const jobId = `p-${randomUUID()}`;
      const job = { name: sessionId, numAnswers: 1, sessionId, opens: true };
      const placement: Placement = { jobId, ingressId: id, sessionId, job };
      await queue.add("session", placement, { jobId, priority: 1, removeOnComplete: true });
      return jobId;
    },
    leave() {
      clearInterval(beating);
      beat({ isLeaving: true });
    },
  };
}
