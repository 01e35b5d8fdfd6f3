/** Tokens per millisecond that drafting achieves, and how sure that is. */
export interface DraftYield {
  /** 0 until something was observed. */
  readonly rate: number;
  /** The rate if luck was as bad as it may well have been. */
  readonly hopefulRate: number;
  /** Of a round, on average. */
  readonly numTokens: number;
  readonly roundMs: number;
  /**
   * @param roundMs the price of its forward included
   * @param shortestMs what a round takes at least
   */
  observe(numTokens: number, roundMs: number, shortestMs: number, tokenMs: number): void;
}

/** Rounds fade with a half-life of some 700: the rate must be known to about a percent. */
const forgetting = 0.999;
/** Standard errors of bad luck. */
const hope = 0.7;
/** Before the first round there were some such, on an ordinary pair. */
const imagined = { numRounds: 4, numTokens: 2.5, numDrafted: 3, tokenVariance: 3 };
const leastVariance = 0.2;

export function createDraftYield(): DraftYield {
  const sums = { rounds: 0, tokens: 0, squares: 0, ms: 0 };
  const rate = () => (sums.ms > 0 ? sums.tokens / sums.ms : 0);
  return {
    get rate() {
      return rate();
    },
    get hopefulRate() {
      if (sums.rounds === 0) return 0;
      const mean = sums.tokens / sums.rounds;
      const variance = Math.max(leastVariance, sums.squares / sums.rounds - mean ** 2);
      return rate() * (1 + (hope * Math.sqrt(variance / sums.rounds)) / mean);
    },
    get numTokens() {
      return sums.tokens / sums.rounds;
    },
    get roundMs() {
      return sums.ms / sums.rounds;
    },
    observe(numTokens, roundMs, shortestMs, tokenMs) {
      if (sums.rounds === 0) {
        sums.rounds = imagined.numRounds;
        sums.tokens = imagined.numRounds * imagined.numTokens;
        sums.squares = imagined.numRounds * (imagined.numTokens ** 2 + imagined.tokenVariance);
        sums.ms = imagined.numRounds * (shortestMs + imagined.numDrafted * tokenMs);
      }
      sums.rounds = forgetting * sums.rounds + 1;
      sums.tokens = forgetting * sums.tokens + numTokens;
      sums.squares = forgetting * sums.squares + numTokens ** 2;
      sums.ms = forgetting * sums.ms + roundMs;
    },
  };
}
