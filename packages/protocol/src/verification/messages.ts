import type {
  DraftEndReason,
  DraftToken,
  SamplingParams,
  TokenLogprob,
  VerificationRuleName,
} from "@adaedl/core";

/** What gives token ids their meaning. */
export interface Vocabulary {
  /** Highest token id of the tokenizer + 1. */
  readonly size: number;
  /** SHA-256, hex, of all tokens in the order of their ids. */
  readonly digest: string;
  /** SHA-256, hex, of everything that text and ids depend on. */
  readonly tokenizerDigest: string;
}

export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

/** Opens a session, or goes on with one elsewhere. Field by field: verification.proto, Open. */
export interface Open {
  readonly type: "open";
  readonly sessionId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly vocabulary: Vocabulary;
  readonly promptTokenIds: readonly number[];
  readonly committedTokenIds: readonly number[];
  /** Only what differs from the target's defaults has to be there. */
  readonly sampling: Partial<SamplingParams>;
  readonly seed: number;
  readonly verification: VerificationRuleName;
  readonly maxTokens: number;
  readonly wantsLogprobs: boolean;
  /** 0 to 20. */
  readonly numTopLogprobs: number;
  readonly nextRound: number;
  /** The target model the client knows of; empty when any will do. */
  readonly modelId: string;
}

export interface DraftTokenMessage {
  readonly type: "draftToken";
  readonly round: number;
  readonly token: DraftToken;
}

export interface EndOfDraft {
  readonly type: "endOfDraft";
  readonly round: number;
  readonly committedLength: number;
  readonly committedHash: bigint;
  /** Absent where nothing was drafted. */
  readonly reason?: DraftEndReason | undefined;
  readonly numPlainTokens: number;
  /** W3C context of the trace the round belongs to. */
  readonly traceparent?: string | undefined;
}

export interface Cancel {
  readonly type: "cancel";
}

/** Draft service to verifier. */
export type VerifyRequest = Open | DraftTokenMessage | EndOfDraft | Cancel;

export interface Opened {
  readonly type: "opened";
  readonly maxDraftLength: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  readonly numForwards: number;
}

export interface VerdictMessage {
  readonly type: "verdict";
  readonly round: number;
  readonly numAccepted: number;
  readonly nextTokenId: number;
  readonly committedLength: number;
  readonly queueMs: number;
  readonly verifyMs: number;
  readonly batchSize: number;
  readonly maxDraftLength: number;
  /** [numAccepted + 1], or empty when not asked for. */
  readonly logprobs: readonly number[];
  /** [numAccepted + 1], or empty when not asked for. */
  readonly topLogprobs: readonly (readonly TokenLogprob[])[];
}

export interface Finished {
  readonly type: "finished";
  readonly reason: "length" | "cancelled";
  readonly numRounds: number;
  readonly numForwards: number;
}

/** The target completed a forward since the last message; an answer is still to come. */
export interface Progress {
  readonly type: "progress";
}

/** Verifier to draft service. */
export type VerifyResponse = Opened | VerdictMessage | Finished | Progress;

/** What runs at a verifier. */
export interface VerifierDescription {
  readonly modelId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly vocabulary: Vocabulary;
  /** Rows of the model's logits: token ids are below this. */
  readonly numTokenIds: number;
  readonly contextLength: number;
  readonly eosTokenIds: readonly number[];
  readonly defaultSampling: Partial<SamplingParams>;
  readonly limits: VerifierLimits;
  /** Numbers in the weights; 0: not known. */
  readonly numParameters: number;
  /** SHA-256, hex, of each part of the tokenizer by its name. */
  readonly tokenizerParts: Readonly<Record<string, string>>;
  /** Emulated model time, such as `30+1`; empty: real time. */
  readonly emulatedForwardMs: string;
}

export interface VerifierLimits {
  readonly maxDraftLength: number;
  readonly maxSessions: number;
  readonly maxClientTokens: number;
  readonly maxMessageBytes: number;
  readonly idleTimeoutMs: number;
}
