import { randomUUID } from "node:crypto";
import { AdaedlError } from "@adaedl/core";
import { Redis } from "ioredis";
import { inject, onTestFinished } from "vitest";
import { type CaseJob, caseCodec, createGatedWorker } from "../gated-worker.cases.ts";
import { openRedisHub, type RedisHub } from "./redis-hub.ts";
import { openRedisQueue, type RedisQueue, type RedisQueueOptions } from "./redis-queue.ts";
import { openRedisWorker, type RunningRedisWorker } from "./redis-worker.ts";

export interface CaseWorkerOptions {
  /** Sessions it has places for; 8 by default. */
  readonly numPlaces?: number;
  /** Whether the session it has had longest gives way to a new one. */
  readonly canMakeRoom?: boolean;
  readonly forgetAfterMs?: number;
}

/** A worker with a diary, gates and a bounded number of places. */
export interface CaseWorker
  extends Pick<
    ReturnType<typeof createGatedWorker>,
    "diary" | "begun" | "hold" | "release" | "completeForward"
  > {
  readonly hub: RedisHub;
  readonly running: RunningRedisWorker;
  /** Those that have a place. */
  readonly sessions: ReadonlySet<string>;
}

export interface CaseIngress {
  readonly hub: RedisHub;
  readonly queue: RedisQueue<CaseJob, string>;
  /** A session's name begins with its client's: `client-…`. Failures are kept until asked for. */
  open(sessionId: string, signal?: AbortSignal): Promise<string[]>;
  /** Has a session answer with the name and numbers. */
  ask(sessionId: string, name: string, numAnswers?: number): Promise<string[]>;
}

/** Who meets under a name that nobody else has; all end with the test. */
export interface Meeting {
  readonly namespace: string;
  openHub(id: string): Promise<RedisHub>;
  openWorker(id: string, options?: CaseWorkerOptions): Promise<CaseWorker>;
  openIngress(id: string, options?: Partial<RedisQueueOptions>): Promise<CaseIngress>;
  /** A connection of the test's own. */
  connect(): Redis;
}

export const kind = "case";
const codec: typeof caseCodec = {
  ...caseCodec,
  routeOf: ({ sessionId, opens }) => ({ sessionId, opens, client: sessionId.split("-")[0] ?? "" }),
};

export function createMeeting(url = inject("redisUrl")): Meeting {
  const namespace = randomUUID();
  async function openHub(id: string): Promise<RedisHub> {
    const hub = await openRedisHub({ url, namespace, id });
    onTestFinished(() => hub.close());
    return hub;
  }
  return {
    namespace,
    openHub,
    async openWorker(id, options = {}) {
      const { numPlaces = 8, canMakeRoom = false, forgetAfterMs = 60_000 } = options;
      const hub = await openHub(id);
      const { worker, ...gated } = createGatedWorker();
      const sessions = new Set<string>();
      function reserve(sessionId: string): void {
        const [oldest] = sessions;
        if (sessions.size >= numPlaces) {
          if (!canMakeRoom || oldest === undefined)
            throw new AdaedlError("resource_exhausted", `${numPlaces} sessions are at work`);
          sessions.delete(oldest);
        }
        sessions.add(sessionId);
      }
      const running = await openRedisWorker(
        hub,
        {
          run(job, signal) {
            if (job.opens) reserve(job.sessionId);
            else if (!sessions.has(job.sessionId))
              throw new AdaedlError("not_found", `${job.sessionId} is not here`);
            return worker.run(job, signal);
          },
          release(sessionId) {
            sessions.delete(sessionId);
            worker.release(sessionId);
          },
          get numForwards() {
            return worker.numForwards;
          },
          get numFree() {
            return numPlaces - sessions.size;
          },
          canMakeRoom,
        },
        codec,
        { kind, facts: null, numPlaces, maxQueued: 100, maxRunning: 50, forgetAfterMs },
      );
      onTestFinished(() => running.close());
      return { hub, running, sessions, ...gated };
    },
    async openIngress(id, options = {}) {
      const hub = await openHub(id);
      const queue = await openRedisQueue(hub, codec, {
        maxQueued: 100,
        maxWaiting: 100,
        ...options,
      });
      onTestFinished(() => queue.end());
      const submit = (job: CaseJob, signal?: AbortSignal) => kept(queue.submit(job, signal));
      return {
        hub,
        queue,
        open: (sessionId, signal) =>
          submit({ name: sessionId, numAnswers: 1, sessionId, opens: true }, signal),
        ask: (sessionId, name, numAnswers = 1) =>
          submit({ name, numAnswers, sessionId, opens: false }),
      };
    },
    connect() {
      const redis = new Redis(url, { maxRetriesPerRequest: null }); // as BullMQ wants it
      redis.on("error", () => {}); // a test may kill its Redis
      onTestFinished(() => redis.disconnect());
      return redis;
    },
  };
}

/** All answers. A failure is no unhandled one while nobody has asked for it. */
function kept(answers: AsyncIterable<string>): Promise<string[]> {
  const all = (async () => {
    const taken: string[] = [];
    for await (const answer of answers) taken.push(answer);
    return taken;
  })();
  all.catch(() => {});
  return all;
}
