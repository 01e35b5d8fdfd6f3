import { randomUUID } from "node:crypto";
import type { TargetMessage, VerifierSession } from "@adaedl/core";
import { onTestFinished } from "vitest";
import type { ToSessionIngress, ToSessionWorker } from "./channel-messages.ts";
import { addresses } from "./channel-messages.ts";
import { createMeeting, kind, type Meeting } from "./meeting.cases.ts";
import type { Member } from "./membership.ts";
import type { Placement } from "./placement-queue.ts";
import { queueOf } from "./placements.cases.ts";
import type { RedisHub } from "./redis-hub.ts";
import { openRedisSessionWorker, type RunningSessionWorker } from "./redis-session-worker.ts";
import {
  openRedisSessions,
  type RedisSessions,
  type RedisSessionsOptions,
} from "./redis-sessions.ts";
import {
  type CaseStart,
  caseSessionCodec,
  createScriptedTarget,
  type ScriptedTarget,
} from "./scripted-target.cases.ts";

export interface CaseSessionWorker {
  readonly hub: RedisHub;
  readonly target: ScriptedTarget;
  readonly running: RunningSessionWorker;
}

export interface CaseWorkerOptions {
  /** 8 by default. */
  readonly numPlaces?: number;
  /** Whether the oldest session makes room for one of this client. */
  readonly canMakeRoom?: (client: string) => boolean;
  readonly forgetAfterMs?: number;
}

/** Opens a worker with a scripted target; all ends with the test. */
export async function openCaseWorker(
  meeting: Meeting,
  id: string,
  { numPlaces = 8, canMakeRoom = () => false, forgetAfterMs = 60_000 }: CaseWorkerOptions = {},
  ownHub?: RedisHub,
): Promise<CaseSessionWorker> {
  const hub = ownHub ?? (await meeting.openHub(id));
  const target = createScriptedTarget(numPlaces, canMakeRoom);
  const options = { kind, facts: { from: id }, numPlaces, forgetAfterMs };
  const running = await openRedisSessionWorker(hub, target, caseSessionCodec, options);
  onTestFinished(() => running.close());
  return { hub, target, running };
}

export interface CaseSessionIngress {
  readonly hub: RedisHub;
  readonly sessions: RedisSessions<CaseStart>;
  /** Opens a session, and reads until the worker has opened it. */
  open(sessionId: string, start?: Partial<CaseStart>): Promise<ReadSession>;
}

export async function openCaseIngress(
  meeting: Meeting,
  id: string,
  options: Partial<RedisSessionsOptions> = {},
  ownHub?: RedisHub,
): Promise<CaseSessionIngress> {
  const hub = ownHub ?? (await meeting.openHub(id));
  const limits = { maxSessions: 100, maxWaiting: 100 };
  const sessions = await openRedisSessions(hub, caseSessionCodec, { ...limits, ...options });
  onTestFinished(() => sessions.end());
  return {
    hub,
    sessions,
    async open(sessionId, start = {}) {
      const session = reading(sessions.open({ sessionId, ...start }));
      await session.next();
      return session;
    },
  };
}

/** A session, and its messages one by one. */
export interface ReadSession extends VerifierSession {
  next(): Promise<TargetMessage | undefined>;
  /** Positions of the commits that follow, up to the end. */
  rest(): Promise<number[]>;
}

export function reading(session: VerifierSession): ReadSession {
  const messages = session.messages[Symbol.asyncIterator]();
  return {
    ...session,
    next: async () => (await messages.next()).value,
    async rest() {
      const positions: number[] = [];
      for (let next = await messages.next(); !next.done; next = await messages.next())
        if (next.value.type === "commit") positions.push(next.value.commit.position);
      return positions;
    },
  };
}

/** A meeting with one worker "w" and one ingress "i". */
export async function openPair(options: CaseWorkerOptions = {}, url?: string) {
  const meeting = createMeeting(url);
  const worker = await openCaseWorker(meeting, "w", options);
  const ingress = await openCaseIngress(meeting, "i");
  return { meeting, worker, ...ingress };
}

/** A worker "x" that sends what the test likes to the ingress "i". */
export async function openPuppetSessionWorker(meeting: Meeting, isSilent = false) {
  const hub = await meeting.openHub("x");
  const heard: ToSessionWorker[] = [];
  await hub.listen(addresses.worker("x"), (message) => heard.push(message as ToSessionWorker));
  const load = { numSessions: 0, numPlaces: 1, numQueued: 0, numForwards: 0 };
  let numLosses = 0;
  const beat = () =>
    hub.broadcast(addresses.workers, { id: "x", kind, facts: null, numLosses, ...load });
  const say = (...messages: object[]) => {
    for (const message of messages) hub.broadcast(addresses.ingress("i"), message);
  };
  const beating = setInterval(() => isSilent || beat(), 100);
  onTestFinished(() => clearInterval(beating));
  return {
    hub,
    heard,
    say,
    /** Reports that messages to it may have been lost. */
    loseMessages() {
      numLosses++;
      beat();
    },
    /** Takes the session that waits for a place. */
    async take(): Promise<Placement> {
      for (;;) {
        const [job] = await queueOf(meeting).getPrioritized(0, 0);
        if (job === undefined) continue;
        await job.remove();
        const [head = "", start = ""] = job.data.split("\n");
        return { ...JSON.parse(head), start };
      }
    },
    envelope: (channelId: string, ack: number, number?: number, body?: object) => ({
      ...{ type: "envelope", channelId, workerId: "x" },
      envelope: { ack, ...(number === undefined ? {} : { item: { number, body } }) },
    }),
  };
}

/** An ingress "p" that sends what the test likes to the worker "w". */
export async function openPuppetSessionIngress(meeting: Meeting) {
  const hub = await meeting.openHub("p");
  const heard: ToSessionIngress[] = [];
  await hub.listen(addresses.ingress("p"), (message) => heard.push(message as ToSessionIngress));
  const nothing = { numSessions: 0, numPlaces: 0, numQueued: 0, numForwards: 0 };
  const beat = (fields: Partial<Member> = {}) =>
    hub.broadcast(addresses.ingresses, {
      ...{ id: "p", kind: "", facts: null, numLosses: 0, ...nothing, ...fields },
    });
  const say = (...messages: object[]) => {
    for (const message of messages) hub.broadcast(addresses.worker("w"), message);
  };
  return {
    heard,
    beat,
    say,
    /** Puts a session into the queue. @returns its channel */
    async seek(start: unknown): Promise<string> {
      const channelId = randomUUID();
      const text = `${JSON.stringify({ channelId, ingressId: "p" })}\n${JSON.stringify(start)}`;
      const options = { jobId: channelId, priority: 1, removeOnComplete: true };
      await queueOf(meeting).add("session", text, options);
      return channelId;
    },
    envelope: (channelId: string, ack: number, number?: number, body?: unknown) => ({
      ...{ type: "envelope", channelId, ingressId: "p" },
      envelope: { ack, ...(number === undefined ? {} : { item: { number, body } }) },
    }),
    /** Bodies of the channel's messages, in the order they came. */
    bodiesOf: (channelId: string) =>
      heard.flatMap((message) =>
        message.type === "envelope" && message.channelId === channelId && message.envelope.item
          ? [message.envelope.item.body]
          : [],
      ),
  };
}
