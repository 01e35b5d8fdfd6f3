import type { BatchLimits } from "../drafting/choose-batch.ts";
import type { PlaceClaims } from "../drafting/merged-chances.ts";
import type { AdaedlError } from "../errors.ts";
import type { Guess } from "../verification/rule.ts";
import type { Commit, Offer, StreamOrigin } from "./messages.ts";
import type { PlaceEvidence } from "./ports.ts";

/** What a text is asked for. */
export interface EdgeTerms {
  /** At least one token. */
  readonly promptTokenIds: readonly number[];
  /** Longest text, prompt and output; more than the prompt. */
  readonly maxLength: number;
  /** Tokens that end the text when they are committed. */
  readonly endTokenIds: ReadonlySet<number>;
  /** Token ids are below this. */
  readonly numTokenIds: number;
  /** Tokens that the target may be ahead of the reader; more than a stream's credit grows by at a time. */
  readonly ahead: number;
  /**
   * Whether each forward waits for a whole draft, whose last token brings the credit for it: as the
   * `rejection` rule needs it, and papers measure. Nothing waits once nothing drafts.
   */
  readonly isInRounds: boolean;
  /** Of how many of its likeliest tokens the target is asked for with each token. Default: 0. */
  readonly numSuccessors?: number | undefined;
  /** What drafts, as in `DrafterKind`: none, one, or several whose draft tokens become one tree. In rounds at most one. */
  readonly sources: readonly DraftSource[];
}

/** One that drafts. */
export interface DraftSource {
  /** In the beginning. */
  readonly limits: DraftingLimits;
  /** Whether it answers at once: the others, and what is to be sent, wait for it. */
  readonly isImmediate: boolean;
}

export interface DraftingLimits extends BatchLimits {
  /**
   * Paths less likely than this are neither expanded nor sent; 0 to 1. In rounds 0: there the draft is
   * verified as the stopping policy made it.
   */
  readonly bound: number;
  /** Draft tokens beyond the text; at 0 nothing is drafted for the time being. */
  readonly maxDepth: number;
}

/** A token that may follow, and how likely the drafter takes it to be the target's. */
export interface Candidate extends Guess {
  /** Above 0, at most 1. */
  readonly chance: number;
}

export type EdgeEvent =
  /** A stream to a verifier was opened with the text as it is. */
  | { readonly type: "opened" }
  /** The stream is gone. */
  | { readonly type: "lost" }
  | { readonly type: "commit"; readonly commit: Commit }
  | Drafted
  /** From here on a source works within these limits. Without effect on one that has ended. */
  | { readonly type: "limits"; readonly source: number; readonly limits: DraftingLimits }
  /** A source cannot go on, for good. */
  | { readonly type: "draftingEnded"; readonly source: number }
  /** The reader has taken the text up to this length. */
  | { readonly type: "read"; readonly length: number }
  /** A stop string was found, or the reader went away. */
  | { readonly type: "stop" };

/** What one source knew of a place. */
export interface Evidence {
  readonly place: PlaceEvidence;
  /** What it proposed, and what others had; where that is learnt from. */
  readonly claims?: PlaceClaims;
}

/** What a source says about a place that it was not asked about. */
export interface FurtherPlace {
  readonly candidates: readonly Candidate[];
  readonly evidence: Evidence;
}

/** A source answers its `draft` effect. */
export interface Drafted {
  readonly type: "drafted";
  /** Index in the sources of the terms; so it is everywhere here. */
  readonly source: number;
  /** The best first; of a token that another source has proposed the latest chance counts. [places of the effect][candidates] */
  readonly candidates: readonly (readonly Candidate[])[];
  /** What else others have proposed, and how likely that is now. [places][candidates] */
  readonly others?: readonly (readonly Candidate[])[];
  /** What the source knew of each place: told again with the token that the target puts there. */
  readonly evidence?: readonly Evidence[];
  /** Places after each of them, as in `Proposal`. They may be asked about all the same. [places][0 or more] */
  readonly further?: readonly (readonly FurtherPlace[])[] | undefined;
  /** Rounds only: the stopping policy ends the draft here. */
  readonly isLast?: boolean;
}

/** A committed token, for the reader. */
export interface Delivered {
  readonly type: "deliver";
  readonly tokenId: number;
  readonly origin: StreamOrigin;
  /** Its index in the tokens of the commit. */
  readonly index: number;
  /** What proposed it, the first first; accepted draft tokens only. */
  readonly sources: readonly number[];
  /** Of the sources that had looked at its place. [sources, or fewer] */
  readonly evidence: readonly (Evidence | undefined)[];
  /** What they said about it before the tokens in front of it were drafted. [sources, or fewer] */
  readonly ahead: readonly (Evidence | undefined)[];
}

export type EdgeEffect =
  | { readonly type: "offer"; readonly offer: Offer }
  | { readonly type: "cancel" }
  /** Have a source say what may follow at these places: each is the text followed by such draft tokens. */
  | {
      readonly type: "draft";
      readonly source: number;
      readonly paths: readonly (readonly number[])[];
      /** What other sources have proposed there. [paths] */
      readonly others: readonly (readonly Candidate[])[];
    }
  | Delivered
  /** The verifier failed: open a stream elsewhere, with the text as it is. */
  | { readonly type: "reopen"; readonly why: AdaedlError }
  | { readonly type: "end"; readonly reason: "stop" | "length" };
