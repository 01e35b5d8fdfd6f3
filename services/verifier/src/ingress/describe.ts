import { maxOpenBytes, type VerifierDescription } from "@adaedl/protocol";
import type { Announcement } from "../announcement.ts";
import type { VerifierOptions } from "../options.ts";

/** What an ingress says to those who ask: what its workers are, within its own limits. */
export function describeVerifier(
  { maxDraftLength, ...announcement }: Announcement,
  options: VerifierOptions,
): VerifierDescription {
  const { maxSessions, maxClientTokens, idleTimeoutMs } = options;
  return {
    ...announcement,
    limits: {
      maxDraftLength: Math.min(maxDraftLength, options.maxDraftLength),
      maxSessions,
      maxClientTokens,
      maxMessageBytes: maxOpenBytes(announcement),
      idleTimeoutMs,
    },
  };
}
