import { AdaedlError, type FallbackReason, fallbackReasons } from "@adaedl/core";
import type { Frontier__Output as WireFrontier } from "../gen/adaedl/v1/Frontier.ts";
import type {
  GenerateResponse as WireEvent,
  GenerateResponse__Output as WireEventOutput,
} from "../gen/adaedl/v1/GenerateResponse.ts";
import type { GenerationFinished__Output as WireFinished } from "../gen/adaedl/v1/GenerationFinished.ts";
import { decodeSeed, decodeVerificationRule, encodeVerificationRule } from "../wire-fields.ts";
import { decodeCommitReport, encodeCommitReport } from "./commit-codec.ts";
import type { GenerateEvent, GenerationFinished, GenerationFrontier } from "./messages.ts";
import { copyOf, decodeToken, encodeToken } from "./token-codec.ts";

export function encodeGenerateEvent(event: GenerateEvent): WireEvent {
  switch (event.type) {
    case "started": {
      const { type: _, verification, promptTokenIds, ...started } = event;
      return {
        started: {
          ...started,
          promptTokenIds: [...promptTokenIds],
          verificationRule: encodeVerificationRule(verification),
        },
      };
    }
    case "commit":
      return { commit: encodeCommitReport(event) };
    case "frontier": {
      const places = event.places.map((tokens) => ({ tokens: [...tokens] }));
      return { frontier: { distance: event.distance, places } };
    }
    case "token":
      return { token: encodeToken(event) };
    case "finished": {
      const { finishReason, numPromptTokens, numOutputTokens, statistics } = event;
      const fallbacks = Object.entries(statistics.fallbackTokens).filter(([, count]) => count > 0);
      const wireReason = finishReason === "stop" ? "FINISH_REASON_STOP" : "FINISH_REASON_LENGTH";
      return {
        finished: {
          finishReason: wireReason,
          usage: { numPromptTokens, numOutputTokens },
          statistics: { ...statistics, fallbackTokens: Object.fromEntries(fallbacks) },
        },
      };
    }
  }
}

/** @throws AdaedlError `internal` for an event that this version does not know */
export function decodeGenerateEvent(wire: WireEventOutput): GenerateEvent {
  const { started, commit, frontier, token, finished } = wire;
  if (started) {
    const { verificationRule, seed, ...fields } = started;
    return {
      type: "started",
      ...fields,
      verification: decodeVerificationRule(verificationRule),
      seed: decodeSeed(seed),
    };
  }
  if (commit) return decodeCommitReport(commit);
  if (frontier) return decodeFrontier(frontier);
  if (token) return decodeToken(token);
  if (finished) return decodeFinished(finished);
  throw new AdaedlError("internal", "unknown event type from the draft service (newer peer?)");
}

function decodeFrontier({ distance, places }: WireFrontier): GenerationFrontier {
  const decoded = places.map(({ tokens }) =>
    tokens.map(({ bytes, ...token }) => ({ ...token, bytes: copyOf(bytes) })),
  );
  return { type: "frontier", distance, places: decoded };
}

function decodeFinished({ finishReason, usage, statistics }: WireFinished): GenerationFinished {
  if (!usage || !statistics)
    throw new AdaedlError("internal", "the draft service sent an end without statistics");
  const fallbackTokens = Object.fromEntries(
    fallbackReasons.map((reason) => [reason, statistics.fallbackTokens[reason] ?? 0]),
  ) as Record<FallbackReason, number>;
  const bytes = {
    bytesUp: Number(statistics.bytesUp),
    draftTokenBytesUp: Number(statistics.draftTokenBytesUp),
    bytesDown: Number(statistics.bytesDown),
  };
  return {
    type: "finished",
    finishReason: finishReason === "FINISH_REASON_STOP" ? "stop" : "length",
    ...usage,
    statistics: { ...statistics, ...bytes, fallbackTokens },
  };
}
