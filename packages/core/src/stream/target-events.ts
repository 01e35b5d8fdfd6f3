import type { Guess } from "../verification/rule.ts";
import type { Commit, Offer } from "./messages.ts";

/** What a text is opened with at the target. */
export interface TargetTerms {
  /** Prompt and what is committed already; at least one token. */
  readonly tokenIds: readonly number[];
  /** Forwards may begin while the text is shorter than this. */
  readonly credit: number;
  /** Longest text, prompt and output; more than `tokenIds`. */
  readonly maxLength: number;
  /** Tokens that end the text when they are committed. */
  readonly endTokenIds: ReadonlySet<number>;
  /** Token ids are below this. */
  readonly numTokenIds: number;
  /**
   * Whether draft tokens have to come in rounds, as the `rejection` rule needs it: the text depends on which are
   * verified, so that none may be late. Default: false.
   */
  readonly isInRounds?: boolean;
}

/** What bounds the draft tokens of one forward. */
export interface ChainLimits {
  /** Paths less likely than this are not worth a row of the forward. */
  readonly leastChance: number;
  /** What each draft token's chance is multiplied by first: below 1 for an edge that says too much. */
  readonly chanceScale?: number;
  /** 0 or more. */
  readonly maxDraftLength: number;
}

/** A draft token to verify. */
export interface PlannedToken extends Guess {
  /** Of the token given its parent: the edge's estimate, or the verifier's. */
  readonly chance: number;
  /** Whether the verifier drafted it. Default: the edge did. */
  readonly isVerifiers?: boolean;
}

export type TargetEvent =
  | { readonly type: "offer"; readonly offer: Offer }
  | { readonly type: "cancel" }
  /** A forward begins with these draft tokens: what `plan` gave, and then the verifier's own. */
  | {
      readonly type: "stepBegun";
      readonly draftTokenIds: readonly number[];
      /** The last ones. Default: none. */
      readonly numVerifierDrafted?: number;
    }
  /** It is over: so many draft tokens are accepted, and this token follows them. */
  | {
      readonly type: "stepDone";
      readonly numAccepted: number;
      readonly nextTokenId: number;
      /** As of a commit, of all rows of the forward; absent where they are not asked for. */
      readonly successors?: readonly (readonly number[])[] | undefined;
    };

export type TargetEffect =
  | { readonly type: "commit"; readonly commit: Commit }
  | { readonly type: "finished"; readonly reason: TargetFinish };

export type TargetFinish = "stop" | "length" | "cancelled";
