import type {
  CommitReport as WireReport,
  CommitReport__Output as WireReportOutput,
} from "../gen/adaedl/v1/CommitReport.ts";
import { decodeEndReason, encodeEndReason } from "../wire-fields.ts";
import type { GenerationCommit } from "./messages.ts";
import { copyOf } from "./token-codec.ts";

export function encodeCommitReport(event: GenerationCommit): WireReport {
  const { type: _, draftTokens, endReason, ...report } = event;
  const reason = endReason === undefined ? {} : { endReason: encodeEndReason(endReason) };
  return { ...report, ...reason, draftTokens: [...draftTokens] };
}

export function decodeCommitReport(wire: WireReportOutput): GenerationCommit {
  const { number, draftTokens, numAccepted, entropyThreshold } = wire;
  const { draftMs, waitMs, queueMs, verifyMs } = wire;
  const endReason = decodeEndReason(wire.endReason);
  return {
    type: "commit",
    number,
    draftTokens: draftTokens.map(({ bytes, ...token }) => ({ ...token, bytes: copyOf(bytes) })),
    numAccepted,
    ...(endReason === undefined ? {} : { endReason }),
    ...(entropyThreshold === undefined ? {} : { entropyThreshold }),
    draftMs,
    waitMs,
    queueMs,
    verifyMs,
  };
}
