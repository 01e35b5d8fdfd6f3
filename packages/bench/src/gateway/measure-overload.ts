import { setTimeout as sleep } from "node:timers/promises";
import { poissonArrivals } from "./arrivals.ts";
import type { ProcessUsage } from "./process-usage.ts";
import type { StreamClient, StreamOutcome } from "./stream-client.ts";
import {
  type OutcomeSummary,
  summarizeOutcomes,
  summarizeTimes,
  type TimeSummary,
} from "./summaries.ts";
import { bodyOf, type Workload } from "./workload.ts";

export interface OverloadOptions extends Workload {
  /** Generations at a time that the gateway takes. */
  readonly capacity: number;
  /** What is offered, as a multiple of what `capacity` clients get that ask one after the other. */
  readonly factor: number;
  readonly windowMs: number;
  /** Requests, one at a time, that tell how fast the first token is without load. */
  readonly numUnloaded: number;
}

export interface OverloadResult extends OutcomeSummary {
  /** Time to the first token, one request at a time. */
  readonly unloaded: TimeSummary;
  /** The same with `capacity` clients that ask one after the other: as full as it can be. */
  readonly full: TimeSummary;
  /** Requests a second that those clients get. */
  readonly throughput: number;
  /** Requests a second that were offered. */
  readonly offered: number;
  /** Resident megabytes of the gateway before, at most, and afterwards. */
  readonly beforeMb: number;
  readonly maxMb: number;
  readonly afterMb: number;
  /** Whether a request was served once it was over. */
  readonly servesAfterwards: boolean;
}

const memoryEveryMs = 250;
/** For what is left of the load. */
const settleMs = 1_000;

/** How a gateway answers that is asked for many times what it can do. */
export async function measureOverload(
  client: StreamClient,
  gateway: ProcessUsage,
  options: OverloadOptions,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<OverloadResult> {
  const ask = createAsker(client, options, signal);
  for (let turn = 0; turn < options.capacity; turn++) await ask(); // warms up
  const unloaded: StreamOutcome[] = [];
  for (let turn = 0; turn < options.numUnloaded; turn++) unloaded.push(await ask());
  onProgress();
  const full = await askInTurns(ask, options);
  onProgress();

  const throughput = full.length / (options.windowMs / 1_000);
  const offered = throughput * options.factor;
  const beforeMb = gateway.residentMb();
  let maxMb = beforeMb;
  const watch = setInterval(() => {
    maxMb = Math.max(maxMb, gateway.residentMb());
  }, memoryEveryMs);
  const outcomes = await offer(ask, offered, options.windowMs, signal).finally(() =>
    clearInterval(watch),
  );
  await sleep(settleMs, undefined, { signal });
  const afterMb = gateway.residentMb();
  const after = await ask();
  onProgress();
  return {
    ...summarizeOutcomes(outcomes),
    unloaded: summarizeTimes(unloaded.map(({ firstMs }) => firstMs)),
    full: summarizeTimes(full.map(({ firstMs }) => firstMs)),
    throughput,
    offered,
    beforeMb,
    maxMb,
    afterMb,
    servesAfterwards: after.status === 200 && after.isComplete,
  };
}

type Ask = (startedAt?: number) => Promise<StreamOutcome>;

function createAsker(client: StreamClient, workload: Workload, signal: AbortSignal): Ask {
  let index = 0;
  return async (startedAt = performance.now()) => {
    signal.throwIfAborted();
    return client.stream({ body: bodyOf(workload, index++), startedAt, signal });
  };
}

/** As many clients as there is room for, each with one request after the other. @returns what ended in the window */
async function askInTurns(
  ask: Ask,
  { capacity, windowMs }: OverloadOptions,
): Promise<StreamOutcome[]> {
  const outcomes: StreamOutcome[] = [];
  const endsAt = performance.now() + windowMs;
  await Promise.all(
    Array.from({ length: capacity }, async () => {
      while (performance.now() < endsAt) {
        const outcome = await ask();
        // A place is given back a moment after its stream's end: who asks at once may find it taken.
        if (outcome.status === 200 && performance.now() < endsAt) outcomes.push(outcome);
      }
    }),
  );
  return outcomes;
}

/** Nobody waits for anybody: a request is sent when it is due, and its times count from then. */
async function offer(
  ask: Ask,
  perSecond: number,
  windowMs: number,
  signal: AbortSignal,
): Promise<StreamOutcome[]> {
  const startedAt = performance.now();
  const outcomes: Promise<StreamOutcome>[] = [];
  for (const arrival of poissonArrivals(perSecond, windowMs)) {
    const dueAt = startedAt + arrival;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal });
    outcomes.push(ask(dueAt));
  }
  return Promise.all(outcomes);
}
