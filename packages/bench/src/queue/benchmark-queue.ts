import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createMemoryQueue, openRedisHub, openRedisQueue, type RoundQueue } from "@adaedl/batching";
import { median, quantile } from "../statistics.ts";
import {
  type EchoRound,
  type EchoVerdict,
  echoCodec,
  echoRound,
  echoWorker,
} from "./echo-round.ts";

export interface QueueBenchmark {
  readonly redisUrl: string;
  /** Rounds in flight that are tried. */
  readonly inFlight: readonly number[];
  readonly numRounds: number;
  /** Every figure is the median of so many repetitions, memory and Redis in turns. */
  readonly numRepetitions: number;
}

/** What a round takes from its submission to its verdict, with a worker that answers at once. */
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

type Queue = RoundQueue<EchoRound, EchoVerdict>;

/** Measures the way of a round through Redis beside the one in memory, in one run. */
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
    const limits = { maxQueued: 4096, maxRunning: 4096 };
    const memory = createMemoryQueue(echoWorker, limits);
    const redis = await openRedisQueue(hub, echoCodec, { ...limits, maxWaiting: 4096 }, signal);
    const samples = new Map<string, QueueTimes[]>();
    for (let repetition = 0; repetition <= numRepetitions; repetition++) {
      for (const count of inFlight) {
        for (const [name, queue] of Object.entries({ memory, redis })) {
          signal.throwIfAborted();
          const times = await measure(queue, count, numRounds, signal);
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
  queue: Queue,
  inFlight: number,
  numRounds: number,
  signal: AbortSignal,
): Promise<QueueTimes> {
  const latencies: number[] = [];
  const sessions = Array.from({ length: inFlight }, () => `bench-${randomUUID()}`);
  const ask = async (round: EchoRound) => {
    for await (const _ of queue.submit(round, signal));
  };
  await Promise.all(sessions.map((sessionId) => ask(echoRound(sessionId, 0, true))));
  let numLeft = numRounds;
  const startedAt = performance.now();
  await Promise.all(
    sessions.map(async (sessionId) => {
      for (let round = 1; numLeft-- > 0; round++) {
        const askedAt = performance.now();
        await ask(echoRound(sessionId, round));
        latencies.push(performance.now() - askedAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  for (const sessionId of sessions) queue.release(sessionId);
  return {
    medianMs: median(latencies),
    p99Ms: quantile(latencies, 0.99),
    roundsPerSecond: numRounds / seconds,
  };
}

function mediansOf(samples: readonly QueueTimes[]): QueueTimes {
  const of = (field: keyof QueueTimes) => median(samples.map((times) => times[field]));
  return {
    medianMs: of("medianMs"),
    p99Ms: of("p99Ms"),
    roundsPerSecond: of("roundsPerSecond"),
  };
}
