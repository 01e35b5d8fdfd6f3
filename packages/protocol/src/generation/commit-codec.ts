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
  const { draftTokens, endReason: wireReason, ...report } = wire;
  const endReason = decodeEndReason(wireReason);
  return {
    type: "commit",
    ...report,
    draftTokens: draftTokens.map(({ tokenId, bytes, entropy }) => ({
      tokenId,
      bytes: copyOf(bytes),
      ...(entropy === undefined ? {} : { entropy }),
    })),
    ...(endReason === undefined ? {} : { endReason }),
  };
}
