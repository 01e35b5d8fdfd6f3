import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { openRedisHub, openRedisSessions, type SessionHost } from "@adaedl/batching";
import type { TargetMessage } from "@adaedl/core";
import { median, quantile } from "../statistics.ts";
import { type EchoStart, echoCodec, echoOffer, echoTarget } from "./echo-target.ts";

export interface QueueBenchmark {
  readonly redisUrl: string;
  /** Rounds in flight that are tried. */
  readonly inFlight: readonly number[];
  readonly numRounds: number;
  /** Every figure is the median of so many repetitions, memory and Redis in turns. */
  readonly numRepetitions: number;
}

/** What a round takes from its offer to its commit, with a target that answers at once. */
export interface QueueTimes {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly roundsPerSecond: number;
}

export interface QueueResult {
  readonly inFlight: number;
  readonly memory: QueueTimes;
  readonly redis: QueueTimes;
}

type Host = Pick<SessionHost<EchoStart>, "open">;

/** Measures the way of a round through Redis beside the one in this process, in one run. */
export async function benchmarkQueue(
  options: QueueBenchmark,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<QueueResult[]> {
  const { redisUrl: url, inFlight, numRounds, numRepetitions } = options;
  const namespace = `bench-${randomUUID()}`;
  const thread = new Worker(new URL("./echo-thread.js", import.meta.url), {
    workerData: { url, namespace },
  });
  const hub = await openRedisHub({ url, namespace, id: "ingress" }, signal);
  try {
    const limits = { maxSessions: 4096, maxWaiting: 4096 };
    const redis = await openRedisSessions(hub, echoCodec, limits, signal);
    const hosts: Record<string, Host> = { memory: echoTarget, redis };
    const samples = new Map<string, QueueTimes[]>();
    for (let repetition = 0; repetition <= numRepetitions; repetition++) {
      for (const count of inFlight) {
        for (const [name, host] of Object.entries(hosts)) {
          signal.throwIfAborted();
          const times = await measure(host, count, numRounds, signal);
          const key = `${name} ${count}`;
          // The first repetition warms up.
          if (repetition > 0) samples.set(key, [...(samples.get(key) ?? []), times]);
        }
        onProgress();
      }
    }
    await redis.end();
    return inFlight.map((count) => ({
      inFlight: count,
      memory: mediansOf(samples.get(`memory ${count}`) ?? []),
      redis: mediansOf(samples.get(`redis ${count}`) ?? []),
    }));
  } finally {
    await hub.close();
    thread.postMessage("close");
    const timer = setTimeout(() => thread.terminate(), 2_000);
    await once(thread, "exit");
    clearTimeout(timer);
  }
}

async function measure(
  host: Host,
  inFlight: number,
  numRounds: number,
  signal: AbortSignal,
): Promise<QueueTimes> {
  const latencies: number[] = [];
  const sessions = await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const session = host.open({ sessionId: `bench-${randomUUID()}` }, signal);
      const messages = session.messages[Symbol.asyncIterator]();
      await expectNext(messages, "opened");
      return { session, messages };
    }),
  );
  let numLeft = numRounds;
  const startedAt = performance.now();
  await Promise.all(
    sessions.map(async ({ session, messages }) => {
      for (let firstId = 1; numLeft-- > 0; firstId += 5) {
        const offeredAt = performance.now();
        session.offer(echoOffer(firstId));
        await expectNext(messages, "commit");
        latencies.push(performance.now() - offeredAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  for (const { session } of sessions) session.close();
  return {
    medianMs: median(latencies),
    p99Ms: quantile(latencies, 0.99),
    roundsPerSecond: numRounds / seconds,
  };
}

async function expectNext(
  messages: AsyncIterator<TargetMessage>,
  type: TargetMessage["type"],
): Promise<void> {
  const { value } = await messages.next();
  if (value?.type !== type) throw new Error(`expected ${type}, got ${value?.type ?? "the end"}`);
}

function mediansOf(samples: readonly QueueTimes[]): QueueTimes {
  const of = (field: keyof QueueTimes) => median(samples.map((times) => times[field]));
  return {
    medianMs: of("medianMs"),
    p99Ms: of("p99Ms"),
    roundsPerSecond: of("roundsPerSecond"),
  };
}
