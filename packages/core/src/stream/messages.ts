import type { TokenLogprob } from "../decoding/ports.ts";
import type { Fence } from "../text/text.ts";
import type { Guess } from "../verification/rule.ts";

/**
 * Messages between edge and target about one text. Both append to the same text and neither waits:
 * the edge *offers* draft tokens, the target *commits* tokens.
 */

/** Draft tokens, from the edge to the target. */
export interface Offer {
  /** A prefix of the text from which the nodes grow that have parent 0; the tree before it is dropped. */
  readonly base?: Fence | undefined;
  /** Id of the first node. An offer whose first node is known came twice or late, and changes nothing. */
  readonly firstId: number;
  /** A parent comes before its children. */
  readonly nodes: readonly OfferedNode[];
  /** Forwards may begin while the text is shorter than this. It never shrinks; a lower one is late. */
  readonly credit: number;
}

/** One draft token. Ids count from 1 in the order in which a stream sends nodes. */
export interface OfferedNode extends Guess {
  /** Id of the node before it; 0 is the base. */
  readonly parent: number;
  /** Of the token given its parent, above 0 and at most 1: the edge's estimate. */
  readonly chance: number;
}

/** Tokens that the target appended to the text in one forward. */
export interface Commit {
  /** Length of the text before them. */
  readonly position: number;
  /** 1 or more. */
  readonly tokenIds: readonly number[];
  /** Draft tokens in the forward; of these the first `numAccepted` begin `tokenIds`. */
  readonly numJudged: number;
  readonly numAccepted: number;
  /** Draft tokens in the forward that the verifier drafted itself: the last ones. Absent: none. */
  readonly numVerifierDrafted?: number | undefined;
  /**
   * The target's likeliest tokens in the place of each token, by its own distribution, the likeliest first. Absent
   * where they are not asked for; a verifier may also leave them out. [tokenIds][1 or more]
   */
  readonly successors?: readonly (readonly number[])[] | undefined;
}

export type SupervisedCommit = Commit & { readonly successors: readonly (readonly number[])[] };

/** The draft tokens of a commit by who drafted them. */
export interface DraftCounts {
  readonly numJudged: number;
  readonly numAccepted: number;
}

/** The draft tokens of a commit that the edge offered. */
export function edgeDraftOf(commit: Commit): DraftCounts {
  const numJudged = commit.numJudged - (commit.numVerifierDrafted ?? 0);
  return { numJudged, numAccepted: Math.min(commit.numAccepted, numJudged) };
}

/** The draft tokens of a commit that are the verifier's own. */
export function verifierDraftOf(commit: Commit): DraftCounts {
  const numAccepted = commit.numAccepted - edgeDraftOf(commit).numAccepted;
  return { numJudged: commit.numVerifierDrafted ?? 0, numAccepted };
}

/** How a forward went that led to a commit, and what was asked of it besides. Times in milliseconds. */
export interface StepFacts {
  /** From when the text could have been in a forward to when it was. */
  readonly queueMs: number;
  readonly verifyMs: number;
  /** Texts in the forward, 1 or more. */
  readonly batchSize: number;
  /**
   * The target's natural log-probability (at temperature 1) of each token of the commit; empty where not
   * asked for, and so are the most probable tokens in these places.
   */
  readonly logprobs: readonly number[];
  readonly topLogprobs: readonly (readonly TokenLogprob[])[];
}

/**
 * Where a committed token comes from: a draft token of the edge that was accepted, or of the verifier; the
 * target's own token where a draft token was rejected (recovered), or after a chain that was accepted whole
 * (bonus); or decoded without any draft token (autoregressive).
 */
export type StreamOrigin = "accepted" | "verifier-draft" | "recovered" | "bonus" | "autoregressive";

/** The origin of `commit.tokenIds[index]`. */
export function originAt(commit: Commit, index: number): StreamOrigin {
  const { numJudged, numAccepted } = commit;
  if (index < edgeDraftOf(commit).numAccepted) return "accepted";
  if (index < numAccepted) return "verifier-draft";
  if (numJudged === 0) return "autoregressive";
  return numAccepted < numJudged ? "recovered" : "bonus";
}
