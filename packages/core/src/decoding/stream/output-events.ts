import type { AdaedlError } from "../../errors.ts";
import type { StreamOrigin } from "../../stream/messages.ts";
import type { StreamDrafter, VerifierSession } from "../../stream/ports.ts";
import type { Text } from "../../text/text.ts";
import type { FinishReason, OutputLimits } from "../output-filter.ts";
import type { DraftEndReason, FallbackReason, TextStream, TokenLogprob } from "../ports.ts";
import type { DraftingStrategy, VerifiedToken } from "./drafting-strategy.ts";

/** A token that became part of the output. */
export interface OutputToken {
  readonly type: "token";
  readonly tokenId: number;
  readonly origin: StreamOrigin;
  /** Text that became certain with it; may be empty, or hold characters of earlier tokens. */
  readonly text: string;
  /** Entropy in nats of the draft's distribution, where the draft model looked at this place. */
  readonly entropy?: number;
  /** The target's natural log-probability (at temperature 1), where the verifier was asked for it. */
  readonly logprob?: number;
  /** The target's most probable tokens here, the most probable first, where asked for. */
  readonly topLogprobs?: readonly TokenLogprob[];
}

/** One commit, before its tokens: for who watches. Times in milliseconds. */
export interface CommitReport {
  readonly type: "commit";
  readonly number: number;
  /** The draft tokens that were verified, as far as the edge knows them. */
  readonly draftTokens: readonly VerifiedToken[];
  readonly numJudged: number;
  readonly numAccepted: number;
  readonly endReason?: DraftEndReason | undefined;
  readonly entropyThreshold?: number | undefined;
  /** Spent by the draft model since the last commit. */
  readonly draftMs: number;
  /** Since the last commit, drafting not counted. */
  readonly waitMs: number;
  readonly queueMs: number;
  readonly verifyMs: number;
}

/** The last event of an output. */
export interface OutputFinished {
  readonly type: "finished";
  readonly finishReason: FinishReason;
  readonly statistics: OutputStatistics;
}

/** Counts over the whole output; rates are the reader's to derive. */
export interface OutputStatistics {
  readonly numCommits: number;
  /** Draft tokens that were offered, verified, and became part of the output. */
  readonly numOffered: number;
  readonly numJudged: number;
  readonly numAccepted: number;
  /** Spent by the draft model. */
  readonly draftMs: number;
  /** Spent waiting for commits while the draft model had nothing to do. */
  readonly waitMs: number;
  /** From the begin to the last token, the reader's own time between events included. */
  readonly durationMs: number;
  /** Output tokens after the drafter came to its end, and why it did. */
  readonly numUndrafted: number;
  readonly obstacle?: FallbackReason | undefined;
}

export type OutputEvent = CommitReport | OutputToken | OutputFinished;

export interface OutputRequest extends OutputLimits {
  /** At least one token, and fewer than contextLength. */
  readonly promptTokenIds: readonly number[];
  /** Longest prompt + output of the target. */
  readonly contextLength: number;
  /** Token ids are below this. */
  readonly numTokenIds: number;
  /** Whether each commit is reported before its tokens. */
  readonly wantsCommits?: boolean | undefined;
}

/** Where the target is, and how often it is tried. */
export interface StreamVerifier {
  /**
   * Opens a session for the text as it is; again, there or elsewhere, when the last one ended early.
   * @param credit that the session begins with
   * @param why what ended the last session; undefined for the first one
   * @throws AdaedlError when the text is given up
   */
  open(
    text: Text,
    credit: number,
    why: AdaedlError | undefined,
    signal: AbortSignal,
  ): Promise<VerifierSession>;
}

export interface OutputParts {
  readonly verifier: StreamVerifier;
  /** Absent where nothing drafts; both or none. */
  readonly drafter?: StreamDrafter | undefined;
  readonly strategy?: DraftingStrategy | undefined;
  readonly textStream?: TextStream | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}
