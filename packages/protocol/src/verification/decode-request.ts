import { invalidField, maxTopLogprobs } from "@adaedl/core";
import { parseTraceparent } from "../call-facts.ts";
import type { DraftToken__Output as WireDraftToken } from "../gen/adaedl/v1/DraftToken.ts";
import type { EndOfDraft__Output as WireEndOfDraft } from "../gen/adaedl/v1/EndOfDraft.ts";
import type { Open__Output as WireOpen } from "../gen/adaedl/v1/Open.ts";
import type { VerifyRequest__Output as WireRequest } from "../gen/adaedl/v1/VerifyRequest.ts";
import {
  decodeEndReason,
  decodeSampling,
  decodeSeed,
  decodeVerificationRule,
} from "../wire-fields.ts";
import { decodeDistribution } from "./decode-distribution.ts";
import type { DraftTokenMessage, EndOfDraft, Open, VerifyRequest } from "./messages.ts";

/**
 * Checks what can be checked without the model: forms, signs, sums.
 * @throws AdaedlError `invalid_argument` naming the field as verification.proto does
 */
export function decodeVerifyRequest(wire: WireRequest): VerifyRequest {
  if (wire.open) return decodeOpen(wire.open);
  if (wire.draftToken) return decodeDraftToken(wire.draftToken);
  if (wire.endOfDraft) return decodeEndOfDraft(wire.endOfDraft);
  if (wire.cancel) return { type: "cancel" };
  throw invalidField("message", undefined, "must be open, draft_token, end_of_draft or cancel");
}

function decodeOpen(wire: WireOpen): Open {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(wire.sessionId))
    throw invalidField("session_id", wire.sessionId, "must be 1 to 64 letters, digits, - and _");
  if (wire.numTopLogprobs > maxTopLogprobs)
    throw invalidField(
      "num_top_logprobs",
      wire.numTopLogprobs,
      `must be a whole number from 0 to ${maxTopLogprobs}`,
    );
  return {
    type: "open",
    sessionId: wire.sessionId,
    protocolVersion: wire.protocolVersion ?? { major: 0, minor: 0 },
    vocabulary: wire.vocabulary ?? { size: 0, digest: "", tokenizerDigest: "" },
    promptTokenIds: wire.promptTokenIds,
    committedTokenIds: wire.committedTokenIds,
    sampling: decodeSampling(wire.sampling),
    seed: decodeSeed(wire.seed),
    verification: decodeVerificationRule(wire.verificationRule),
    maxTokens: wire.maxTokens,
    wantsLogprobs: wire.wantsLogprobs,
    numTopLogprobs: wire.numTopLogprobs,
    nextRound: wire.nextRound,
    modelId: wire.modelId,
  };
}

function decodeDraftToken(wire: WireDraftToken): DraftTokenMessage {
  const { round, position, tokenId, entropy, distribution } = wire;
  if (!(entropy >= 0 && entropy < Number.POSITIVE_INFINITY))
    throw invalidField("draft_token.entropy", entropy, "must be a number of nats, 0 or more");
  const guess = { tokenId, position, entropy };
  if (!distribution) return { type: "draftToken", round, token: guess };
  const field = "draft_token.distribution";
  const token = { ...guess, distribution: decodeDistribution(distribution, tokenId, field) };
  return { type: "draftToken", round, token };
}

function decodeEndOfDraft(wire: WireEndOfDraft): EndOfDraft {
  const traceparent = parseTraceparent(wire.traceparent);
  return {
    type: "endOfDraft",
    round: wire.round,
    committedLength: wire.committedLength,
    committedHash: BigInt(wire.committedHash),
    reason: decodeEndReason(wire.reason),
    numPlainTokens: wire.numPlainTokens,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
