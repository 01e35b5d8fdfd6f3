import type {
  AcceptedBy,
  CommitReport,
  CommittedToken,
  FallbackTokens,
  FinishReason,
  Frontier,
  FrontierToken,
  SamplingParams,
  TokenLogprob,
  VerificationRuleName,
} from "@adaedl/core";

/** What is to be continued. */
export type Prompt =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tokenIds"; readonly tokenIds: readonly number[] }
  | { readonly type: "chat"; readonly messages: readonly ChatMessage[] };

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** A request for text; what is absent takes its default. Field by field: generation.proto. */
export interface GenerateRequest {
  readonly prompt: Prompt;
  readonly maxTokens?: number | undefined;
  readonly sampling?: Partial<SamplingParams> | undefined;
  readonly seed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly ignoreEos?: boolean | undefined;
  readonly policy?: string | undefined;
  readonly maxDraft?: number | undefined;
  readonly verification?: VerificationRuleName | undefined;
  readonly wantsLogprobs?: boolean | undefined;
  readonly numTopLogprobs?: number | undefined;
  readonly wantsDetails?: boolean | undefined;
  readonly untilContextEnds?: boolean | undefined;
  /** Whether `Started` repeats the prompt, which may be megabytes. */
  readonly wantsPrompt?: boolean | undefined;
}

/** The request with its defaults filled in. */
export interface Started {
  readonly type: "started";
  readonly numPromptTokens: number;
  /** Empty unless asked for, as the text is. */
  readonly promptTokenIds: readonly number[];
  readonly promptText: string;
  readonly policy: string;
  readonly verification: VerificationRuleName;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

export interface GenerationFinished {
  readonly type: "finished";
  readonly finishReason: FinishReason;
  readonly numPromptTokens: number;
  readonly numOutputTokens: number;
  readonly statistics: SpeculationStatistics;
}

/** Counts and times of one generation; times in milliseconds. */
export interface SpeculationStatistics {
  readonly numCommits: number;
  readonly numDrafted: number;
  readonly numAccepted: number;
  readonly acceptedBy: AcceptedBy;
  readonly numVerifierDrafted: number;
  readonly numVerifierAccepted: number;
  readonly numTargetForwards: number;
  readonly numDraftForwards: number;
  readonly numRoundTrips: number;
  readonly numReopened: number;
  /** Message bytes between edge and verifier, without framing. */
  readonly bytesUp: number;
  readonly draftTokenBytesUp: number;
  readonly bytesDown: number;
  readonly draftMs: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  /** Between commits: neither drafting, nor the verifier's queue, nor the target's forward. */
  readonly networkMs: number;
  readonly durationMs: number;
  readonly fallbackTokens: FallbackTokens;
}

/** An output token, and what it is when it stands alone: a character may take several tokens. */
export interface GeneratedToken extends Omit<CommittedToken, "topLogprobs"> {
  /** With log-probabilities or details. */
  readonly bytes?: Uint8Array;
  readonly topLogprobs?: readonly SpelledLogprob[];
}

export interface SpelledLogprob extends TokenLogprob {
  readonly bytes: Uint8Array;
}

/** The report of a commit, its draft tokens spelled out. */
export interface GenerationCommit extends Omit<CommitReport, "draftTokens"> {
  readonly draftTokens: readonly SpelledDraftToken[];
}

export interface SpelledDraftToken {
  readonly tokenId: number;
  readonly bytes: Uint8Array;
  readonly entropy?: number;
}

/** The frontier, its draft tokens spelled out. */
export interface GenerationFrontier extends Omit<Frontier, "places"> {
  readonly places: readonly (readonly SpelledFrontierToken[])[];
}

export interface SpelledFrontierToken extends FrontierToken {
  readonly bytes: Uint8Array;
}

export type GenerateEvent =
  | Started
  | GenerationCommit
  | GenerationFrontier
  | GeneratedToken
  | GenerationFinished;

/** What runs at a draft service. */
export interface DraftServiceDescription {
  readonly draftModelId: string;
  readonly targetModelId: string;
  /** Precision of its weights, or `exported`. */
  readonly targetWeights: string;
  readonly defaultPolicy: string;
  readonly contextLength: number;
  readonly draftContextLength: number;
  readonly hasChatTemplate: boolean;
  readonly maxRequests: number;
  /** Numbers in the weights; 0: not known. */
  readonly numDraftParameters: number;
  readonly numTargetParameters: number;
  /** Network time to a verifier and back; 0: not measured. */
  readonly roundTripMs: number;
  /** Emulated time of each model's forwards, such as `30+1`; empty: real time. */
  readonly emulatedDraftMs: string;
  readonly emulatedTargetMs: string;
  /** Share of the target's tokens that the draft model has, too: 0 to 1. */
  readonly sharedVocabulary: number;
  /** Whether its ids mean something else than the target's, and are mapped. */
  readonly hasOtherVocabulary: boolean;
}
