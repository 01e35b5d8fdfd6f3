import type { Offer, SamplingParams, TargetMessage, VerificationRuleName } from "@adaedl/core";
import type { ProtocolVersion, Vocabulary } from "../verification/messages.ts";

/** Opens a session, or goes on with one elsewhere. Field by field: verification.proto, Open. */
export interface StreamOpen {
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
}

/** Edge to verifier. */
export type StreamRequest =
  | StreamOpen
  | { readonly type: "offer"; readonly offer: Offer }
  | { readonly type: "cancel" };

/** Verifier to edge. Progress: the target completed a forward, what is awaited is still to come. */
export type StreamResponse = TargetMessage | { readonly type: "progress" };
