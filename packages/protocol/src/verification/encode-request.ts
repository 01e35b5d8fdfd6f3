import type { VerifyRequest as WireRequest } from "../gen/adaedl/v1/VerifyRequest.ts";
import { encodeEndReason, encodeSampling, encodeVerificationRule } from "../wire-fields.ts";
import type { VerifyRequest } from "./messages.ts";

export function encodeVerifyRequest(message: VerifyRequest): WireRequest {
  switch (message.type) {
    case "open": {
      const { type: _, verification, sampling, ...fields } = message;
      return {
        open: {
          ...fields,
          promptTokenIds: [...message.promptTokenIds],
          committedTokenIds: [...message.committedTokenIds],
          sampling: encodeSampling(sampling),
          verificationRule: encodeVerificationRule(verification),
        },
      };
    }
    case "draftToken": {
      const { round, token } = message;
      const { position, tokenId, entropy, distribution } = token;
      const draftToken = { round, position, tokenId, entropy };
      if (distribution === undefined) return { draftToken };
      const { tokenIds, weights } = distribution;
      return {
        draftToken: {
          ...draftToken,
          distribution: { tokenIds: [...tokenIds], weights: [...weights] },
        },
      };
    }
    case "endOfDraft": {
      const { round, committedLength, committedHash, reason, numPlainTokens } = message;
      const { traceparent } = message;
      return {
        endOfDraft: {
          round,
          committedLength,
          committedHash: committedHash.toString(),
          numPlainTokens,
          ...(traceparent === undefined ? {} : { traceparent }),
          ...(reason === undefined ? {} : { reason: encodeEndReason(reason) }),
        },
      };
    }
    case "cancel":
      return { cancel: {} };
  }
}
