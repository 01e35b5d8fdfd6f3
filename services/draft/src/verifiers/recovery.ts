import type { AdaedlError, ErrorCode } from "@adaedl/core";

/** Errors after which the same text may well go on, there or elsewhere. */
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
/**
 * The request's own fault. It was checked here already, so that one verifier alone is not believed where
 * there is another.
 */
const refusals: readonly ErrorCode[] = ["invalid_argument", "out_of_range", "unimplemented"];
const maxRefusals = 2;
/** Attempts that computed something and failed, after which time counts from the first one. */
const maxInterrupted = 3;
/** The first failure is followed by another attempt at once, each further one by a pause twice as long. */
const shortestPauseMs = 25;
const longestPauseMs = 1_000;

/** The attempts that failed since the text last grew. */
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
 * Whether a text is given up. Work that progresses takes no time from it, but a prefix that is computed
 * again and again, because a verifier fails on it, is given up as well.
 */
export function isGivenUp(attempts: Attempts, giveUpMs: number): boolean {
  const { numFailed, numInterrupted, elapsedMs, silentMs } = attempts;
  if (numFailed < 2) return false;
  return silentMs > giveUpMs || (numInterrupted >= maxInterrupted && elapsedMs > giveUpMs);
}

/** A session that ended early, or could not be opened. Times in milliseconds of a monotonic clock. */
export interface FailedAttempt {
  readonly error: AdaedlError;
  readonly beganAt: number;
  readonly failedAt: number;
  /** When the target was last at work on it; undefined: never. */
  readonly workedAt?: number | undefined;
  /** Whose session it was; undefined where none was picked. */
  readonly verifier?: unknown;
  /** Whether the text grew by it: what failed before is forgotten then. */
  readonly hasCommitted: boolean;
}

/** The verifiers that are left for the next attempt. */
export interface OtherVerifiers {
  /** Verifiers that are not excluded. */
  readonly numUsable: number;
  /** Whether one of them has not failed lately. */
  readonly hasRested: boolean;
}

/** Decides after each failed attempt of one text whether there is another one. */
export interface Recovery {
  /** The pause before the next attempt in milliseconds; undefined: the text is given up. */
  pauseAfter(attempt: FailedAttempt, verifiers: OtherVerifiers): number | undefined;
}

/**
 * @param giveUpMs how long a text is tried without progress before its request fails; it is tried twice
 *   in any case
 */
export function createRecovery(giveUpMs: number): Recovery {
  const none = { numFailed: 0, numInterrupted: 0, numDoubtful: 0 };
  const refusedBy = new Set<unknown>();
  let counts = none;
  let startedAt = 0;
  let workedAt = 0;
  return {
    pauseAfter({ error, beganAt, failedAt, hasCommitted, ...attempt }, verifiers) {
      if (hasCommitted) {
        counts = none;
        refusedBy.clear();
      }
      // The reader may have taken its time over what was committed: that is no silence.
      if (counts.numFailed === 0) startedAt = workedAt = hasCommitted ? failedAt : beganAt;
      workedAt = Math.max(workedAt, attempt.workedAt ?? workedAt);
      const isInterrupted = attempt.workedAt !== undefined && !hasCommitted;
      const isDoubtful = doubtful.includes(error.code);
      const isRefused = refusals.includes(error.code);
      counts = {
        numFailed: counts.numFailed + 1,
        numInterrupted: counts.numInterrupted + (isInterrupted ? 1 : 0),
        numDoubtful: counts.numDoubtful + (isDoubtful ? 1 : 0),
      };
      const elapsedMs = failedAt - startedAt;
      const silentMs = failedAt - workedAt;
      if (isGivenUp({ ...counts, elapsedMs, silentMs }, giveUpMs)) return undefined;
      if (counts.numDoubtful >= maxDoubtful) return undefined;
      if (isRefused) {
        refusedBy.add(attempt.verifier);
        if (refusedBy.size >= Math.min(maxRefusals, verifiers.numUsable)) return undefined;
      } else if (!isDoubtful && !passing.includes(error.code)) return undefined;
      const pauseMs = pauseOf(counts.numFailed);
      // One that is full says when to come back: only where no other one may take the text.
      if (error.retryAfterMs === undefined || verifiers.hasRested) return pauseMs;
      return Math.max(pauseMs, Math.min(error.retryAfterMs, giveUpMs - silentMs));
    },
  };
}

function pauseOf(numFailed: number): number {
  if (numFailed === 1) return 0;
  return Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(numFailed - 2, 10));
}
