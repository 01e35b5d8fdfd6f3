import { AdaedlError, invalidField } from "@adaedl/core";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { CallerLimits } from "./caller-limits.ts";

/** What is left of a caller's limits. */
export interface CallerQuota {
  /**
   * Counts a request, before anything of it is read: one that is refused later costs work, too.
   * @throws AdaedlError `resource_exhausted` with `retryAfterMs`
   */
  countRequest(): Promise<void>;
  /**
   * Lets generations begin.
   * @throws AdaedlError `resource_exhausted` with `retryAfterMs`; nothing is used up then;
   *   `invalid_argument` for more than the caller may ever have
   */
  enter(numGenerations: number): Promise<QuotaUse>;
}

/** A request that was let in. */
export interface QuotaUse {
  /** Prompt and output tokens of the request; may take the caller over its limit once. */
  charge(numTokens: number): void;
  /** The request has ended. */
  leave(): void;
}

const windowSeconds = 60;
/** For places to become free, which is as soon as a generation ends. */
const concurrencyRetryMs = 1_000;

/** Counts in windows of a minute that begin with the first request in them. */
export function createCallerQuota(name: string, limits: CallerLimits): CallerQuota {
  const { concurrency = Number.POSITIVE_INFINITY, requestsPerMinute, tokensPerMinute } = limits;
  const requests = limiter(requestsPerMinute);
  const tokens = limiter(tokensPerMinute);
  let numRunning = 0;

  function refuse(limit: string, value: number, retryAfterMs: number): never {
    throw new AdaedlError(
      "resource_exhausted",
      `the limit of ${limit} of this API key is reached`,
      {
        field: limit,
        value,
        retryAfterMs,
      },
    );
  }

  return {
    async countRequest() {
      await requests?.consume(name).catch(({ msBeforeNext }: RateLimiterRes) => {
        refuse("requests-per-minute", requestsPerMinute ?? 0, msBeforeNext);
      });
    },
    async enter(numGenerations) {
      if (numGenerations > concurrency)
        throw invalidField(
          "n",
          numGenerations,
          `must be within this key's concurrency, ${concurrency}`,
        );
      const spent = await tokens?.get(name);
      if (tokensPerMinute !== undefined && spent && spent.consumedPoints >= tokensPerMinute)
        refuse("tokens-per-minute", tokensPerMinute, spent.msBeforeNext);
      // Last, and looked at and counted in one: of many at once no more get in than may.
      if (numRunning + numGenerations > concurrency)
        refuse("concurrency", concurrency, concurrencyRetryMs);
      numRunning += numGenerations;
      let hasLeft = false;
      return {
        charge(numTokens) {
          void tokens?.penalty(name, numTokens);
        },
        leave() {
          if (!hasLeft) numRunning -= numGenerations;
          hasLeft = true;
        },
      };
    },
  };
}

function limiter(points: number | undefined): RateLimiterMemory | undefined {
  return points === undefined
    ? undefined
    : new RateLimiterMemory({ points, duration: windowSeconds });
}
