import { AdaedlError } from "@adaedl/core";
import type { VerificationClient, VerifierDescription } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import pRetry from "p-retry";
import type { OtherVerifiers } from "./recovery.ts";
import { createRoundTrip } from "./round-trip.ts";

/** The verifiers there are, and how they have been doing. */
export interface VerifierPool extends OtherVerifiers {
  /** What runs there: all of them the same. */
  readonly description: VerifierDescription;
  /** Network time to the verifier that answered last and back; 0: not measured. */
  readonly roundTripMs: number;
  /**
   * The verifier for a session that is opened: in turn among those that work, else the one whose
   * failure is longest ago.
   * @throws AdaedlError why the last one was excluded, when all are
   */
  pick(): VerificationClient;
  worked(verifier: VerificationClient): void;
  failed(verifier: VerificationClient): void;
  /** Not picked for a while: it runs something else, unless somebody mends that. */
  exclude(verifier: VerificationClient, why: AdaedlError): void;
}

/** A verifier that failed is left alone for so long, where there are others. */
const restMs = 1_000;
const describeTimeoutMs = 2_000;
/** After so long an excluded verifier is tried again. */
const exclusionMs = 30_000;

/**
 * Waits until a verifier answers.
 * @param check throws for a description that does not fit; what is `unavailable` is tried again
 * @throws AdaedlError why none fits, or what the signal was aborted with
 */
export async function openVerifierPool(
  verifiers: readonly VerificationClient[],
  check: (description: VerifierDescription, verifier: VerificationClient) => Promise<void>,
  logger: Logger,
  signal?: AbortSignal,
): Promise<VerifierPool> {
  const record = createRecord(verifiers, logger);
  /** The one that answered last. */
  let nearby: VerificationClient | undefined;
  const roundTrip = createRoundTrip(async () => nearby?.describe(describeTimeoutMs, signal));

  /** The first that answers and fits. */
  async function describeAny(): Promise<VerifierDescription> {
    let last = new AdaedlError("unavailable", "there is no verifier");
    for (const verifier of verifiers) {
      if (record.isExcluded(verifier)) continue;
      try {
        const description = await verifier.describe(describeTimeoutMs, signal);
        try {
          await check(description, verifier);
          nearby = verifier;
          return description;
        } catch (error) {
          if (isWorthWaiting(AdaedlError.from(error))) throw error;
          record.exclude(verifier, AdaedlError.from(error));
        }
      } catch (error) {
        last = AdaedlError.from(error);
        record.failed(verifier);
      }
    }
    throw record.whyAllExcluded() ?? last;
  }

  const description = await pRetry(describeAny, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 2_000,
    randomize: true,
    ...(signal === undefined ? {} : { signal }),
    shouldRetry: ({ error }) => isWorthWaiting(error),
    onFailedAttempt({ error, attemptNumber }) {
      if (attemptNumber === 1 && isWorthWaiting(error))
        logger.warn({ error: error.message }, "waiting for a verifier");
    },
  });

  await roundTrip.measure(); // the connection is there by now
  return {
    description,
    get roundTripMs() {
      return roundTrip.read();
    },
    get numUsable() {
      return record.usable().length;
    },
    get hasRested() {
      return record.usable().some(record.isRested);
    },
    pick: record.pick,
    worked(verifier) {
      nearby = verifier;
      record.worked(verifier);
    },
    failed: record.failed,
    exclude: record.exclude,
  };
}

/** How each verifier has been doing, and which one is next. */
function createRecord(verifiers: readonly VerificationClient[], logger: Logger) {
  const failedAt = new Map<VerificationClient, number>();
  const excluded = new Map<VerificationClient, { why: AdaedlError; until: number }>();
  let turn = 0;

  function whyAllExcluded(): AdaedlError | undefined {
    if (excluded.size < verifiers.length) return undefined;
    return [...excluded.values()].at(-1)?.why;
  }

  const usable = () => {
    const now = performance.now();
    return verifiers.filter((verifier) => now >= (excluded.get(verifier)?.until ?? 0));
  };
  const isRested = (verifier: VerificationClient) =>
    performance.now() - (failedAt.get(verifier) ?? Number.NEGATIVE_INFINITY) > restMs;

  return {
    whyAllExcluded,
    usable,
    isRested,
    isExcluded: (verifier: VerificationClient) => excluded.has(verifier),
    pick(): VerificationClient {
      const candidates = usable();
      const rested = candidates.filter(isRested);
      const chosen =
        rested[turn++ % Math.max(1, rested.length)] ??
        candidates.toSorted((a, b) => (failedAt.get(a) ?? 0) - (failedAt.get(b) ?? 0))[0];
      if (chosen === undefined) throw whyAllExcluded();
      return chosen;
    },
    worked: (verifier: VerificationClient) => void failedAt.delete(verifier),
    failed: (verifier: VerificationClient) => void failedAt.set(verifier, performance.now()),
    exclude(verifier: VerificationClient, why: AdaedlError): void {
      excluded.set(verifier, { why, until: performance.now() + exclusionMs });
      logger.error({ verifier: verifier.address, error: why.message }, "verifier excluded");
    },
  };
}

function isWorthWaiting(error: Error): boolean {
  const { code } = AdaedlError.from(error);
  return code === "unavailable" || code === "deadline_exceeded" || code === "internal";
}
