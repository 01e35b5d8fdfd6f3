import type { FallbackReason } from "../decoding/ports.ts";
import type { Text } from "../text/text.ts";
import type { Guess } from "../verification/rule.ts";
import type { Commit, Offer, StepFacts } from "./messages.ts";
import type { TargetFinish } from "./target-events.ts";

/** A token that the draft model would draft at a place. */
export interface ScoredCandidate extends Guess {
  /** Of the token, in the distribution that `entropy` is of. */
  readonly prob: number;
  /**
   * How far, in nats, its score is behind the best one's: of log-probability + noise under shared noise,
   * of log-probability alone at temperature 0. Absent where no scores are compared.
   */
  readonly behind?: number | undefined;
}

/** What the draft model says about a place: the token that follows a text and some draft tokens. */
export interface PlaceEvidence {
  /**
   * In nats, of the adjusted distribution the candidates are drawn from; at temperature 0, where that
   * says nothing, of the model's at temperature 1.
   */
  readonly entropy: number;
  /** Of the most probable token. */
  readonly topProb: number;
  /** The best first; empty where the target has none of the tokens that the model would draft. */
  readonly candidates: readonly ScoredCandidate[];
}

/**
 * What came of a draft forward: its places, or why nothing can be drafted from here on. No places: the
 * drafter is not ready, and is asked again when the text has grown.
 */
export type Proposal =
  | { readonly places: readonly PlaceEvidence[] }
  | { readonly obstacle: FallbackReason };

/** The draft model, wherever it runs. */
export interface Drafter {
  /**
   * One draft forward, or a few where the model has to catch up with the text.
   * @param length of the text when it was asked for: the text may grow meanwhile
   * @param paths draft tokens after the text, one path for each place
   * @param numCandidates for each place, 1 or more
   */
  propose(
    text: Text,
    length: number,
    paths: readonly (readonly number[])[],
    numCandidates: number,
    signal?: AbortSignal,
  ): Promise<Proposal>;
}

/** What the target says about a text, in this order: `opened`, commits, `finished`. */
export type TargetMessage =
  /** The prefix is computed; how long it waited for that, and took, in milliseconds and forwards. */
  | {
      readonly type: "opened";
      readonly queueMs: number;
      readonly verifyMs: number;
      readonly numForwards: number;
    }
  | { readonly type: "commit"; readonly commit: Commit; readonly facts: StepFacts }
  | { readonly type: "finished"; readonly reason: TargetFinish };

/**
 * One text at a target, wherever that is: in this process, behind gRPC or behind Redis. What is sent
 * never waits and never throws; what goes wrong ends `messages`.
 */
export interface VerifierSession {
  offer(offer: Offer): void;
  /** Asks the target to end; it answers with `finished`. */
  cancel(): void;
  /**
   * What the target says; iterated once, ends after `finished`.
   * @throws AdaedlError what the session ended with
   */
  readonly messages: AsyncIterable<TargetMessage>;
  /** Frees everything at both ends. May be called again. */
  close(): void;
}
