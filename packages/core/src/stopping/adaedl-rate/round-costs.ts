import type { PlainOutcome, RoundOutcome } from "../policy.ts";

/** What time goes into, in milliseconds: running estimates. */
export interface RoundCosts {
  /** Whether a draft was timed yet: without one, a token seems to cost nothing. */
  readonly isDraftKnown: boolean;
  /** Of one more token in a draft: drafting, sending and judging it. */
  readonly tokenMs: number;
  /** From the last guess to the verdict, however short the draft; 0 until a round was seen. */
  readonly askMs: number;
  /** One more token of a plain run; undefined until one was seen. */
  readonly plainMs: number | undefined;
  observe(outcome: RoundOutcome): void;
  observePlain(outcome: PlainOutcome): void;
}

/** Weight of a new value against the past, when there is a past of many. */
const leastWeight = 0.02;
const askWeight = 0.2;
const forgetting = 0.98;
/** Added to the variance of draft lengths: from drafts of equal length no slope can be told. */
const slopePrior = 0.02;

export function createRoundCosts(): RoundCosts {
  const draftMs = createMean();
  const plainMs = createMean();
  let askMs: number | undefined;
  // Least squares of the wait on the draft length, old rounds fading.
  const sums = { weight: 0, length: 0, wait: 0, lengthLength: 0, lengthWait: 0 };

  function slope(): number {
    const { weight, length, wait, lengthLength, lengthWait } = sums;
    if (weight === 0) return 0;
    const variance = lengthLength / weight - (length / weight) ** 2;
    const covariance = lengthWait / weight - (length * wait) / weight ** 2;
    return Math.max(0, covariance / (variance + slopePrior));
  }

  function asked(ms: number): void {
    askMs = askMs === undefined ? ms : askMs + askWeight * (ms - askMs);
  }

  return {
    get isDraftKnown() {
      return draftMs.count > 0;
    },
    get tokenMs() {
      return draftMs.value + slope();
    },
    get askMs() {
      return askMs ?? 0;
    },
    get plainMs() {
      return plainMs.count === 0 ? undefined : plainMs.value;
    },
    observe(outcome) {
      const { numDrafted: length } = outcome;
      const wait = outcome.roundMs - outcome.draftMs;
      draftMs.add(outcome.draftMs / length);
      const added = {
        weight: 1,
        length,
        wait,
        lengthLength: length ** 2,
        lengthWait: length * wait,
      };
      for (const name of Object.keys(sums) as (keyof typeof sums)[])
        sums[name] = forgetting * sums[name] + added[name];
      asked(Math.max(0, wait - slope() * length));
    },
    observePlain({ isAsked, roundMs }) {
      if (isAsked) asked(roundMs);
      else plainMs.add(roundMs);
    },
  };
}

/** A mean of all values at first, of the latest ones later. */
function createMean() {
  const mean = { value: 0, count: 0, add };
  function add(value: number): void {
    mean.count++;
    mean.value += Math.max(1 / mean.count, leastWeight) * (value - mean.value);
  }
  return mean;
}
