import { AdaedlError, type TokenLogprob } from "@adaedl/core";
import type {
  TopLogprobs as WireTopLogprobs,
  TopLogprobs__Output as WireTopLogprobsOutput,
} from "../gen/adaedl/v1/TopLogprobs.ts";
import type {
  VerifyResponse as WireResponse,
  VerifyResponse__Output as WireResponseOutput,
} from "../gen/adaedl/v1/VerifyResponse.ts";
import type { VerifyResponse } from "./messages.ts";

export function encodeVerifyResponse(message: VerifyResponse): WireResponse {
  switch (message.type) {
    case "opened": {
      const { type: _, ...opened } = message;
      return { opened };
    }
    case "verdict": {
      const { type: _, ...verdict } = message;
      const { logprobs, topLogprobs } = message;
      return {
        verdict: {
          ...verdict,
          logprobs: [...logprobs],
          topLogprobs: topLogprobs.map(encodeTopLogprobs),
        },
      };
    }
    case "finished": {
      const { numRounds, numForwards, reason } = message;
      const wireReason =
        reason === "length" ? "FINISHED_REASON_LENGTH" : "FINISHED_REASON_CANCELLED";
      return { finished: { reason: wireReason, numRounds, numForwards } };
    }
    case "progress":
      return { progress: {} };
  }
}

/** @throws AdaedlError `internal` for a message that this version does not know, or a broken list */
export function decodeVerifyResponse(wire: WireResponseOutput): VerifyResponse {
  const { opened, verdict, finished, progress } = wire;
  if (opened) return { type: "opened", ...opened };
  if (verdict) {
    const topLogprobs = verdict.topLogprobs.map(decodeTopLogprobs);
    return { type: "verdict", ...verdict, topLogprobs };
  }
  if (finished) {
    const { numRounds, numForwards, reason } = finished;
    const isLength = reason === "FINISHED_REASON_LENGTH";
    return { type: "finished", reason: isLength ? "length" : "cancelled", numRounds, numForwards };
  }
  if (progress) return { type: "progress" };
  throw new AdaedlError("internal", "unknown message type from the verifier (newer peer?)");
}

function encodeTopLogprobs(top: readonly TokenLogprob[]): WireTopLogprobs {
  return {
    tokenIds: top.map(({ tokenId }) => tokenId),
    logprobs: top.map(({ logprob }) => logprob),
  };
}

function decodeTopLogprobs({ tokenIds, logprobs }: WireTopLogprobsOutput): TokenLogprob[] {
  if (tokenIds.length !== logprobs.length)
    throw new AdaedlError(
      "internal",
      `the verifier sent ${logprobs.length} top_logprobs for ${tokenIds.length} token ids`,
    );
  return tokenIds.map((tokenId, index) => ({ tokenId, logprob: logprobs[index] as number }));
}
