import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessUsage } from "./process-usage.ts";
import type { StreamClient } from "./stream-client.ts";
import { bodyOf, type Workload } from "./workload.ts";

export interface IdleOptions extends Workload {
  readonly numStreams: number;
  /** Waited for before memory is read: collectors run, buffers empty. */
  readonly settleMs: number;
}

/** Megabytes (2^20 bytes) that the gateway has resident. */
export interface IdleResult {
  readonly numStreams: number;
  readonly beforeMb: number;
  /** With that many open streams, of which each has had its first token and waits for another. */
  readonly openMb: number;
}

/** Streams that are warmed up with, so that what every gateway needs counts as before. */
const numWarmUp = 8;

/**
 * What open streams that wait cost the gateway in memory. They wait because the verifier stands still.
 * @param verifier stopped for a while; nobody else may need it
 */
export async function measureIdle(
  client: StreamClient,
  gateway: ProcessUsage,
  verifier: ProcessUsage,
  options: IdleOptions,
  signal: AbortSignal,
): Promise<IdleResult> {
  const { numStreams, settleMs } = options;
  await Promise.all(
    Array.from({ length: numWarmUp }, (_, index) =>
      client.stream({ body: bodyOf({ ...options, numTokens: 40 }, index), signal }),
    ),
  );
  await sleep(settleMs, undefined, { signal });
  const beforeMb = gateway.residentMb();

  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  setMaxListeners(0, ended); // each stream waits for it
  const outcomes: Promise<unknown>[] = [];
  const begun = Array.from(
    { length: numStreams },
    (_, index) =>
      new Promise<void>((resolve, reject) => {
        const outcome = client.stream({
          body: bodyOf(options, index),
          signal: ended,
          onFirst: resolve,
        });
        outcomes.push(outcome);
        void outcome.then(({ status, refusal = "" }) =>
          reject(
            new Error(
              `stream ${index} ended before all had begun, with status ${status} ${refusal}`,
            ),
          ),
        );
      }),
  );
  try {
    await Promise.all(begun);
    verifier.freeze();
    await sleep(settleMs, undefined, { signal });
    return { numStreams, beforeMb, openMb: gateway.residentMb() };
  } finally {
    ending.abort();
    await Promise.all(outcomes);
    verifier.thaw();
  }
}
