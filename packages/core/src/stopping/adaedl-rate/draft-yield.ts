/** What a draft brings: tokens of a round, whatever time it takes. */
export interface DraftYield {
  /** Of a round, on average: committed tokens, and guesses. */
  readonly numTokens: number;
  readonly numDrafted: number;
  /** Factor by which the tokens of a round may well be more, had there been less bad luck so far. */
  readonly hope: number;
  observe(numTokens: number, numDrafted: number): void;
}

/** Rounds fade with a half-life of some 700: the yield must be known to about a percent. */
const forgetting = 0.999;
/** Standard errors. */
const badLuck = 1;
/** Before the first round there were some such, on an ordinary pair. */
const imagined = { numRounds: 4, numTokens: 2.5, numDrafted: 3, tokenVariance: 3 };
const leastVariance = 0.2;

export function createDraftYield(): DraftYield {
  const sums = {
    rounds: imagined.numRounds,
    tokens: imagined.numRounds * imagined.numTokens,
    squares: imagined.numRounds * (imagined.numTokens ** 2 + imagined.tokenVariance),
    drafted: imagined.numRounds * imagined.numDrafted,
  };
  return {
    get numTokens() {
      return sums.tokens / sums.rounds;
    },
    get numDrafted() {
      return sums.drafted / sums.rounds;
    },
    get hope() {
      const mean = sums.tokens / sums.rounds;
      const variance = Math.max(leastVariance, sums.squares / sums.rounds - mean ** 2);
      return 1 + (badLuck * Math.sqrt(variance / sums.rounds)) / mean;
    },
    observe(numTokens, numDrafted) {
      sums.rounds = forgetting * sums.rounds + 1;
      sums.tokens = forgetting * sums.tokens + numTokens;
      sums.squares = forgetting * sums.squares + numTokens ** 2;
      sums.drafted = forgetting * sums.drafted + numDrafted;
    },
  };
}
