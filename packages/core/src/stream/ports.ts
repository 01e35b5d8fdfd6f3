import type { FallbackReason } from "../decoding/ports.ts";
import { AdaedlError } from "../errors.ts";
import type { Text } from "../text/text.ts";
import type { Guess } from "../verification/rule.ts";
import type { Commit, Offer, StepFacts, SupervisedCommit } from "./messages.ts";
import type { TargetFinish } from "./target-events.ts";

/**
 * What drafts: a model, or a table: of what followed in the text so far (`suffix`), of the target's likeliest
 * tokens after each token (`recycle`), of what followed two tokens (`aded`). The draft tokens of all that are
 * asked become one tree.
 */
export const drafterKinds = ["model", "suffix", "recycle", "aded"] as const;

export type DrafterKind = (typeof drafterKinds)[number];

/** A token that a draft model would draft at a place. */
export interface ScoredCandidate extends Guess {
  /** Of the token, in the distribution that `entropy` is of. */
  readonly prob: number;
  /**
   * How far, in nats, its score is behind the best one's: of log-probability + noise under shared noise,
   * of log-probability alone at temperature 0. Absent where no scores are compared.
   */
  readonly behind?: number | undefined;
}

/** What a draft model says about a place: the token that follows a text and some draft tokens. */
export interface ModelPlace {
  /**
   * In nats, of the adjusted distribution the candidates are drawn from; at temperature 0, where that
   * says nothing, of the model's at temperature 1.
   */
  readonly entropy: number;
  /** Of the most probable token. */
  readonly topProb: number;
  /** The best first; empty where the target has none of the tokens that the model would draft. */
  readonly candidates: readonly ScoredCandidate[];
  /** Tokens before the place for which the model read masks, since they were not drafted yet. Default: 0. */
  readonly numMasks?: number | undefined;
}

/** A token that a table would draft at a place. */
export interface TableCandidate {
  readonly tokenId: number;
  /** To be the target's token, as the table estimates it: above 0, at most 1. */
  readonly chance: number;
}

/** What a table of tokens that followed before says about a place. */
export interface TablePlace {
  /** The likeliest first; empty where it knows nothing like the text before the place. */
  readonly candidates: readonly TableCandidate[];
}

/** What a drafter says about a place, by its kind. */
export type PlaceEvidence = ModelPlace | TablePlace;

/** @throws AdaedlError `internal` where it is a table's */
export function modelPlace(place: PlaceEvidence): ModelPlace {
  if ("entropy" in place) return place;
  throw new AdaedlError("internal", "expected a draft model's evidence, got a table's");
}

/**
 * What came of a question: its places, or why nothing can be drafted from here on. No places: the drafter
 * is not ready, and is asked again when the text has grown.
 */
export type Proposal<Place extends PlaceEvidence = PlaceEvidence> =
  | {
      readonly places: readonly Place[];
      /**
       * Of a model that drafts in parallel: places after each of them, in their order, which follow the first
       * candidates of those before. [places][0 or more]
       */
      readonly further?: readonly (readonly Place[])[] | undefined;
    }
  | { readonly obstacle: FallbackReason };

/** Of how many of its likeliest tokens a target may be asked for with each token that it commits. */
export const maxSuccessors = 8;

/** Drafts for one text, and is closed with it. */
export interface Drafter<Place extends PlaceEvidence = PlaceEvidence> extends AsyncDisposable {
  /** Forwards of its model so far; absent where it has none. */
  readonly numForwards?: number;
  /** Of how many of its likeliest tokens the target is to name the ids with each commit. Default: 0. */
  readonly numSuccessors?: number;
  /** The text, which holds the commit now, grew by it. Not told of commits without successors. */
  supervise?(text: Text, commit: SupervisedCommit): void;
  /**
   * Says what may follow a text and some draft tokens, at several places at once. One call at a time. A
   * table answers within the turn of the event loop; a model takes a forward, or a few where it
   * has to catch up with the text.
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
  ): Promise<Proposal<Place>>;
}

/** What the target says about a text, in this order: `opened`, commits, `finished`. */
export type TargetMessage =
  /** The prefix is computed; how long it waited for that, and took, in milliseconds and forwards. */
  | {
      readonly type: "opened";
      readonly queueMs: number;
      readonly verifyMs: number;
      readonly numForwards: number;
      /** Fingerprint of the target's arithmetic; absent or empty: not known. */
      readonly numerics?: string | undefined;
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
