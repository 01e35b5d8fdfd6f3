import type { Offer, SamplingParams, TargetMessage, VerificationRuleName } from "@adaedl/core";

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
  /** Empty for a text that ends by its length alone. */
  readonly endTokenIds: readonly number[];
  /** Forwards may begin while the text is shorter than this; offers raise it. */
  readonly credit: number;
  readonly wantsLogprobs: boolean;
  /** 0 to 20. */
  readonly numTopLogprobs: number;
  /** The target model the client knows of; empty when any will do. */
  readonly modelId: string;
  /** Whether the verifier drafts nothing itself. */
  readonly edgeDraftsOnly: boolean;
  /** The precision of the target's weights that the client knows of; empty when any will do. */
  readonly weights: string;
  /** Those of the target that the text was last opened at, or that was described; empty: not known. */
  readonly numerics: string;
  /** 0 to 8. */
  readonly numSuccessors: number;
}

/** Edge to verifier. */
export type VerifyRequest =
  | Open
  | { readonly type: "offer"; readonly offer: Offer }
  | { readonly type: "cancel" };

/** Verifier to edge. Progress: the target completed a forward, what is awaited is still to come. */
export type VerifyResponse = TargetMessage | { readonly type: "progress" };

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
  /** Precision of its weights, or `exported`. */
  readonly weights: string;
  /** Fingerprint of its arithmetic: where it is equal, the same seed has the same text. */
  readonly numerics: string;
  /** Whether sessions that name other numerics are refused. */
  readonly requiresSameNumerics: boolean;
}

export interface VerifierLimits {
  readonly maxDraftLength: number;
  readonly maxSessions: number;
  readonly maxClientTokens: number;
  readonly maxMessageBytes: number;
  readonly idleTimeoutMs: number;
}
