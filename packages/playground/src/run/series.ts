import type { CommitDetails } from "../api/wire.ts";

/** The entropies of the last draft tokens, as columns of a chart; x counts draft tokens from 1. */
export interface GuessSeries {
  readonly x: readonly number[];
  readonly accepted: readonly (number | null)[];
  readonly rejected: readonly (number | null)[];
  /** What the entropy was held against; null where the policy looks at something else. */
  readonly threshold: readonly (number | null)[];
}

/** The lengths of the last drafts, as columns of a chart; x counts rounds from 1. */
export interface RoundSeries {
  readonly x: readonly number[];
  readonly drafted: readonly number[];
  readonly accepted: readonly number[];
}

/** The last `most` draft tokens of `rounds`. */
export function guessSeries(rounds: readonly CommitDetails[], most: number): GuessSeries {
  const all = rounds.flatMap((round) =>
    round.draft_tokens.map(({ entropy }, index) => ({
      entropy,
      threshold: round.entropy_threshold,
      isAccepted: index < round.num_accepted,
    })),
  );
  const first = Math.max(0, all.length - most);
  const last = all.slice(first);
  return {
    x: last.map((_, index) => first + index + 1),
    accepted: last.map(({ entropy, isAccepted }) => (isAccepted ? entropy : null)),
    rejected: last.map(({ entropy, isAccepted }) => (isAccepted ? null : entropy)),
    threshold: last.map(({ threshold }) => threshold),
  };
}

/** The last `most` rounds. */
export function roundSeries(rounds: readonly CommitDetails[], most: number): RoundSeries {
  const last = rounds.slice(-most);
  const first = rounds.length - last.length;
  return {
    x: last.map((_, index) => first + index + 1),
    drafted: last.map(({ draft_tokens }) => draft_tokens.length),
    accepted: last.map(({ num_accepted }) => num_accepted),
  };
}
