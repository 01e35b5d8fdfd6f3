import { AdaedlError } from "@adaedl/core";
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
      return { verdict: { ...verdict, logprobs: [...message.logprobs] } };
    }
    case "finished": {
      const { numRounds, numForwards, reason } = message;
      const wireReason =
        reason === "length" ? "FINISHED_REASON_LENGTH" : "FINISHED_REASON_CANCELLED";
      return { finished: { reason: wireReason, numRounds, numForwards } };
    }
  }
}

/** @throws AdaedlError `internal` for a message that this version does not know */
export function decodeVerifyResponse(wire: WireResponseOutput): VerifyResponse {
  const { opened, verdict, finished } = wire;
  if (opened) return { type: "opened", ...opened };
  if (verdict) return { type: "verdict", ...verdict };
  if (finished) {
    const { numRounds, numForwards, reason } = finished;
    const isLength = reason === "FINISHED_REASON_LENGTH";
    return { type: "finished", reason: isLength ? "length" : "cancelled", numRounds, numForwards };
  }
  throw new AdaedlError("internal", "the verifier sent a message that is none of those there are");
}
