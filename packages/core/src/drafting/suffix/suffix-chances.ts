import { HitRates } from "../hit-rates.ts";

/** Where a continuation was found: in the text itself, or in past answers. */
export const suffixSources = ["own", "past"] as const;
export type SuffixSource = (typeof suffixSources)[number];

/** What is known of a token that may follow a match. */
export interface FollowEvidence {
  readonly source: SuffixSource;
  /** Tokens of the match, 1 or more. */
  readonly length: number;
  /** How often this token followed it, and any token. */
  readonly count: number;
  readonly total: number;
}

/** How likely the continuation of a match is the target's, by what became of others like it. */
export interface SuffixChances {
  /** Above 0 and below 1. */
  chanceOf(evidence: FollowEvidence): number;
  observe(evidence: FollowEvidence, isRight: boolean): void;
}

/** Where a bucket of match lengths begins. */
const lengths = [1, 2, 3, 4, 6, 9, 13, 20];
const kinds = ["once", "always", "mostly", "seldom"] as const;

/**
 * Hit rates by source, length of the match, and whether the token followed it once, always, mostly or seldom.
 * @param isGreedy at temperature 0 a text repeats itself more
 */
export function createSuffixChances(isGreedy: boolean): SuffixChances {
  const rates = new HitRates(suffixSources.length * lengths.length * kinds.length);

  function cellOf(evidence: FollowEvidence): number {
    const { source, length } = evidence;
    const bucket = lengths.findLastIndex((least) => least <= length);
    const row = suffixSources.indexOf(source) * lengths.length + bucket;
    return row * kinds.length + kinds.indexOf(kindOf(evidence));
  }

  return {
    chanceOf: (evidence) => rates.rateOf(cellOf(evidence), priorOf(evidence, isGreedy)),
    observe: (evidence, isRight) =>
      rates.observe(cellOf(evidence), priorOf(evidence, isGreedy), isRight),
  };
}

function kindOf({ count, total }: FollowEvidence): (typeof kinds)[number] {
  if (count === total) return total === 1 ? "once" : "always";
  return count * 2 >= total ? "mostly" : "seldom";
}

/** A longer match is surer; past answers are about something else. */
function priorOf({ source, length, count, total }: FollowEvidence, isGreedy: boolean): number {
  const surest = (isGreedy ? 0.95 : 0.7) * (source === "own" ? 1 : 0.6);
  return (surest * (length / (length + 1)) * count) / total;
}
