import type { GuessSample } from "../policies/cell.ts";

/** Guesses of about the same entropy. */
export interface AcceptanceBin {
  readonly numGuesses: number;
  /** Mean of the guesses, in nats. */
  readonly entropy: number;
  /** Share of them that were accepted, and where its true value lies with 95 % confidence. */
  readonly acceptance: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Fewer say nothing. */
const fewestGuesses = 10;

/**
 * Observed acceptance by entropy, in bins of equal width. Bins with too few guesses are left out.
 * @param binWidth in nats
 */
export function binAcceptance(guesses: readonly GuessSample[], binWidth: number): AcceptanceBin[] {
  const bins: { numGuesses: number; entropySum: number; numAccepted: number }[] = [];
  for (const { entropy, isAccepted } of guesses) {
    const index = Math.floor(entropy / binWidth);
    bins[index] ??= { numGuesses: 0, entropySum: 0, numAccepted: 0 };
    const bin = bins[index];
    bin.numGuesses++;
    bin.entropySum += entropy;
    if (isAccepted) bin.numAccepted++;
  }
  return bins
    .filter(({ numGuesses }) => numGuesses >= fewestGuesses)
    .map(({ numGuesses, entropySum, numAccepted }) => ({
      numGuesses,
      entropy: entropySum / numGuesses,
      acceptance: numAccepted / numGuesses,
      ...wilsonInterval(numAccepted, numGuesses),
    }));
}

const z = 1.96; // of 95 %

/** Wilson's score interval: unlike the normal one it holds for shares near 0 and 1, and for few samples. */
function wilsonInterval(count: number, total: number): { lowest: number; highest: number } {
  const share = count / total;
  const center = share + z ** 2 / (2 * total);
  const reach = z * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  const scale = 1 + z ** 2 / total;
  return {
    lowest: Math.max(0, (center - reach) / scale),
    highest: Math.min(1, (center + reach) / scale),
  };
}
