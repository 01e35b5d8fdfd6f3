/**
 * How a guess is judged. Two rules, both exact: whatever the draft model guesses and whenever it
 * stops, each token of the text follows the target's own distribution.
 *
 * - *accepted*: a guess that became part of the text.
 * - *recovered*: the target's own token at the first refused guess.
 * - *bonus*: the target's own token after a draft that was accepted whole (also an empty one).
 * - *committed* tokens of a round: the accepted ones and the one recovered or bonus token.
 *
 * Papers: Leviathan et al., arXiv 2211.17192; Chen et al., arXiv 2302.01318 (`rejection`);
 * Daliri et al., arXiv 2408.07978 (`shared-noise`, there "drafter-invariant").
 */
import type { TokenDistribution } from "../sampling/distribution.ts";
import type { Randomness } from "../sampling/randomness.ts";
import type { ScoredCandidate } from "../stream/ports.ts";

export type VerificationRuleName = "shared-noise" | "rejection";

export interface VerificationRule {
  readonly name: VerificationRuleName;
  /** The draft's guess at a position, from the draft's adjusted distribution. */
  guess(draft: TokenDistribution, place: RoundPlace, random: Randomness): DrawnGuess;
  /**
   * What the draft would draft at a position, the best first.
   * @param draft the draft's distribution, adjusted for ranking
   * @param count most candidates, 1 or more; a rule may have fewer
   */
  propose(
    draft: TokenDistribution,
    place: RoundPlace,
    random: Randomness,
    count: number,
  ): readonly ScoredCandidate[];
  /**
   * The target's word on a position, from the target's adjusted distribution, given that
   * everything before it was accepted. Without a guess (the position after the draft) the token
   * is the bonus.
   */
  judge(
    target: TokenDistribution,
    guess: Guess | undefined,
    place: RoundPlace,
    random: Randomness,
  ): Judgement;
}

/** Where in the session a token is chosen. */
export interface RoundPlace {
  /** Index of the token in prompt + output. */
  readonly position: number;
  /** Length of the true sequence when the round began. */
  readonly roundStart: number;
}

export interface Guess {
  readonly tokenId: number;
  /** The exact distribution the guess was drawn from; only `rejection` needs it. */
  readonly distribution?: GuessDistribution;
}

/** A guess where it was made. */
export interface DrawnGuess extends Guess {
  /** How far, in nats, it was ahead of the runner-up; absent where it is not the argmax of scores. */
  readonly margin?: number | undefined;
}

/** A truncated distribution in a form that crosses a wire unchanged. */
export interface GuessDistribution {
  /** [numCandidates] */
  readonly tokenIds: Int32Array;
  /** Above 0, not necessarily summing to 1: divide by the sum. [numCandidates] */
  readonly weights: Float32Array;
}

export interface Judgement {
  /** The token that stands at the position in the text. */
  readonly tokenId: number;
  /** Whether that is the guess. */
  readonly isAccepted: boolean;
}
