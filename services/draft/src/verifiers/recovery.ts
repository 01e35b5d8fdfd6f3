import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError, type ErrorCode } from "@adaedl/core";
import pRetry from "p-retry";

/** Errors after which the same round may well succeed, there or elsewhere. */
const passing: readonly ErrorCode[] = [
  "unavailable",
  "not_found",
  "aborted",
  "cancelled",
  "deadline_exceeded",
  "resource_exhausted",
  "failed_precondition",
];
/**
 * The verifier's own failure, or a token that it does not know (yet, where tokens are rotated): tried
 * again, but not for as long as it takes.
 */
const doubtful: readonly ErrorCode[] = ["internal", "unauthenticated", "permission_denied"];
const maxDoubtful = 3;
/** Attempts that computed something and failed, after which time counts from the first one. */
const maxInterrupted = 3;

/** The failed attempts of a round. */
export interface Attempts {
  readonly numFailed: number;
  /** Those among them in which the target was at work. */
  readonly numInterrupted: number;
  /** Since the first attempt began. */
  readonly elapsedMs: number;
  /** Since the target was last at work, or the first attempt began. */
  readonly silentMs: number;
}

/**
 * Whether a round is given up. Work that progresses takes no time from the round, but a prefix that is
 * computed again and again, because a verifier fails on it, is given up as well.
 */
export function isGivenUp(attempts: Attempts, giveUpMs: number): boolean {
  const { numFailed, numInterrupted, elapsedMs, silentMs } = attempts;
  if (numFailed < 2) return false;
  return silentMs > giveUpMs || (numInterrupted >= maxInterrupted && elapsedMs > giveUpMs);
}

export interface RecoveryOptions {
  /**
   * How long one round is tried without progress before its request fails; it is tried twice in any
   * case.
   */
  readonly giveUpMs: number;
  /** When a verifier last made progress, as `performance.now()` counts. */
  readonly progressAt: () => number;
  readonly signal: AbortSignal;
}

/**
 * Runs an attempt until it succeeds: again at once, then with growing pauses, or when the
 * verifier says it is worth it.
 * @throws AdaedlError the last attempt's when it will not pass, or there was no progress for too long
 */
export async function recover<T>(
  attempt: () => Promise<T>,
  { giveUpMs, progressAt, signal }: RecoveryOptions,
): Promise<T> {
  const startedAt = performance.now();
  let failedAt = startedAt;
  let numFailed = 0;
  let numInterrupted = 0;
  let numDoubtful = 0;
  const isPassing = (error: Error) => {
    numFailed++;
    if (progressAt() > failedAt) numInterrupted++;
    failedAt = performance.now();
    const elapsedMs = failedAt - startedAt;
    const silentMs = Math.min(elapsedMs, failedAt - progressAt());
    const attempts = { numFailed, numInterrupted, elapsedMs, silentMs };
    if (signal.aborted || isGivenUp(attempts, giveUpMs)) return false;
    const { code } = AdaedlError.from(error);
    if (doubtful.includes(code)) return ++numDoubtful < maxDoubtful;
    return passing.includes(code);
  };
  try {
    return await attempt(); // as almost always: what comes below is for the rest
  } catch (error) {
    if (!isPassing(error as Error)) throw error;
    await waitAsTold(error as Error, signal);
  }
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 25,
    maxTimeout: 1_000,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => isPassing(error),
    onFailedAttempt: ({ error }) => waitAsTold(error, signal),
  });
}

/** A verifier that is busy says when it is worth asking again. */
async function waitAsTold(error: Error, signal: AbortSignal): Promise<void> {
  const { retryAfterMs = 0 } = AdaedlError.from(error);
  if (retryAfterMs > 0 && !signal.aborted) await sleep(retryAfterMs, undefined, { signal });
}
