import { median, quantile } from "../statistics.ts";
import type { StreamOutcome } from "./stream-client.ts";

/** Of times in milliseconds. NaN without any. */
export interface TimeSummary {
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** What became of requests that were not waited for. */
export interface OutcomeSummary {
  /** Streams that were answered to their end. */
  readonly numServed: number;
  /** 429 and 503. */
  readonly numOverQuota: number;
  readonly numNoRoom: number;
  /** Anything else: none is expected. */
  readonly numFailed: number;
  /** Of those that were served. */
  readonly firstToken: TimeSummary;
  /** Until a refusal is there, 429 and 503 alike. */
  readonly refusal: TimeSummary;
}

export function summarizeTimes(times: readonly number[]): TimeSummary {
  return { medianMs: median(times), p95Ms: quantile(times, 0.95) };
}

export function summarizeOutcomes(outcomes: readonly StreamOutcome[]): OutcomeSummary {
  const of = (status: number) =>
    outcomes.filter((outcome) => outcome.status === status && outcome.isComplete);
  const [served, overQuota, noRoom] = [of(200), of(429), of(503)];
  const refused = [...overQuota, ...noRoom];
  return {
    numServed: served.length,
    numOverQuota: overQuota.length,
    numNoRoom: noRoom.length,
    numFailed: outcomes.length - served.length - refused.length,
    firstToken: summarizeTimes(served.map(({ firstMs }) => firstMs)),
    refusal: summarizeTimes(refused.map(({ totalMs }) => totalMs)),
  };
}
