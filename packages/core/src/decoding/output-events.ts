import type { Frontier } from "../drafting/frontier.ts";
import type { AdaedlError } from "../errors.ts";
import type { StreamOrigin } from "../stream/messages.ts";
import type { Drafter, DrafterKind, VerifierSession } from "../stream/ports.ts";
import type { Text } from "../text/text.ts";
import type { DraftingStrategy, VerifiedToken } from "./drafting-strategy.ts";
import type { FinishReason, OutputLimits } from "./output-filter.ts";
import type { DraftEndReason, FallbackReason, TextStream, TokenLogprob } from "./ports.ts";

/** A token that became part of the output. */
export interface CommittedToken {
  readonly type: "token";
  readonly tokenId: number;
  readonly origin: TokenOrigin;
  /** What had drafted it, in the strategy's order; absent where that is not known, or not the edge's. */
  readonly drafters?: readonly DrafterKind[];
  /** Text that became certain with it; may be empty, or hold characters of earlier tokens. */
  readonly text: string;
  /** Entropy in nats of the draft's distribution, where the draft model looked at this place. */
  readonly entropy?: number;
  /** The target's natural log-probability (at temperature 1), where the verifier was asked for it. */
  readonly logprob?: number;
  /** The target's most probable tokens here, the most probable first, where asked for. */
  readonly topLogprobs?: readonly TokenLogprob[];
}

export type TokenOrigin = StreamOrigin;

/** One commit and the draft that was verified for it, before its tokens: for who watches. Times in milliseconds. */
export interface CommitReport {
  readonly type: "commit";
  readonly number: number;
  /** The draft tokens that were verified, as far as the edge knows them. */
  readonly draftTokens: readonly VerifiedToken[];
  /** How many of the edge's the target accepted; a stop may cut the text before. */
  readonly numAccepted: number;
  readonly endReason?: DraftEndReason;
  /** Spent by the draft model since the last commit. */
  readonly draftMs: number;
  /** Since the last commit, drafting not counted. */
  readonly waitMs: number;
  /** Of the forward: in the verifier's queue, and computing. */
  readonly queueMs: number;
  readonly verifyMs: number;
}

/** The last event of an output. */
export interface DecodeFinished {
  readonly type: "finished";
  readonly finishReason: FinishReason;
  readonly statistics: DecodeStatistics;
}

/** Counts over the whole output; rates are the reader's to derive. Times in milliseconds. */
export interface DecodeStatistics {
  /** Commits. */
  readonly numCommits: number;
  /** Draft tokens that were verified. */
  readonly numDrafted: number;
  /** Draft tokens that became part of the output. */
  readonly numAccepted: number;
  /** Accepted draft tokens by drafter, where it is known. */
  readonly acceptedBy: AcceptedBy;
  /** Draft tokens of the verifier's own, which the two counts before do not hold: verified, and in the output. */
  readonly numVerifierDrafted: number;
  readonly numVerifierAccepted: number;
  /** Forwards of the target, those of the prompt among them. */
  readonly numTargetForwards: number;
  /** Times that one end waited for the other: once for a session, and for each draft that is verified as a whole. */
  readonly numRoundTrips: number;
  /** Sessions opened after the first. */
  readonly numReopened: number;
  /** Spent by the draft model. */
  readonly draftMs: number;
  /** Between commits, drafting not counted; of which in the verifier's queue, and in forwards. */
  readonly waitMs: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  /** From the begin to the last token, the reader's own time between events included. */
  readonly durationMs: number;
  /** Output tokens after the drafter came to its end, by why it did. */
  readonly fallbackTokens: FallbackTokens;
}

/** Accepted draft tokens by what had drafted them, such as `model`, or `model,suffix` where both had. */
export type AcceptedBy = Readonly<Record<string, number>>;

export type FallbackTokens = Readonly<Record<FallbackReason, number>>;

export type DecodeEvent = CommitReport | Frontier | CommittedToken | DecodeFinished;

export interface DecodeRequest extends OutputLimits {
  /** At least one token, and fewer than contextLength. */
  readonly promptTokenIds: readonly number[];
  /** Longest prompt + output of the target. */
  readonly contextLength: number;
  /** Token ids are below this. */
  readonly numTokenIds: number;
  /** Of how many of its likeliest tokens the verifier is asked for with each token: what a drafter needs most of. Default: 0. */
  readonly numSuccessors?: number | undefined;
  /** Whether commits are reported before their tokens, and the frontier whenever it moves. */
  readonly wantsDetails?: boolean | undefined;
}

/** Where the target is, and how often it is tried. */
export interface Verifier {
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

/** Told what happens to a text, as it happens. Must not throw. */
export interface TextObserver {
  /** A prefix was computed at the target. */
  opened?(numForwards: number): void;
  /** A draft forward is over. */
  drafted?(ms: number): void;
  /** Draft tokens were sent. */
  offered?(numTokens: number): void;
  /**
   * @param numJudged draft tokens of the edge that were verified for the commit
   * @param frontier its distance after the commit; undefined where nothing drafts
   */
  committed?(report: CommitReport, numJudged: number, frontier: number | undefined): void;
  /** A token became part of the output. @param obstacle why nothing can be drafted any more */
  delivered?(origin: TokenOrigin, obstacle: FallbackReason | undefined): void;
}

export interface DecodeParts {
  readonly verifier: Verifier;
  /** Absent where nothing drafts. */
  readonly drafting?:
    | {
        readonly strategy: DraftingStrategy;
        /** [strategy.sources] */
        readonly drafters: readonly Drafter[];
      }
    | undefined;
  readonly textStream?: TextStream | undefined;
  readonly observer?: TextObserver | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}
