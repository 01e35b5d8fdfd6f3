import type { IdleResult, OverheadResult, OverloadResult, TimeSummary } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

/** What the gateway costs, and how it takes too many requests; a figure a row. */
export function renderGateway(
  results: {
    readonly overhead: OverheadResult;
    readonly idle: IdleResult;
    readonly overload: OverloadResult;
  },
  capacity: number,
  colors: Colors,
): string {
  const { overhead, idle, overload } = results;
  const columns = [
    { heading: "", align: "left" },
    { heading: "measured" },
    { heading: "" },
  ] as const;
  const rows = [
    ["processor time, a streamed token", ratio(overhead.cpuMsPerToken), "ms"],
    ["the same with details", ratio(overhead.detailedCpuMsPerToken), "ms"],
    ["tokens of all streams", ratio(overhead.tokensPerSecond), "a second"],
    [`memory, ${idle.numStreams} streams that wait`, ratio(idle.openMb - idle.beforeMb), "MB"],
    ["before them", ratio(idle.beforeMb), "MB"],
    ["first token, one request at a time", ...times(overload.unloaded)],
    [`first token, ${capacity} clients in turns`, ...times(overload.full)],
    ["what they get", ratio(overload.throughput), "requests a second"],
    ["offered then", ratio(overload.offered), "requests a second"],
    ["answered with 200", String(overload.numServed), "requests"],
    ["answered with 429", String(overload.numOverQuota), "requests"],
    ["answered with 503", String(overload.numNoRoom), "requests"],
    ["anything else", String(overload.numFailed), "requests"],
    ["a refusal takes", ...times(overload.refusal)],
    ["first token of the accepted", ...times(overload.firstToken)],
    [
      "÷ one request at a time, median",
      ratio(overload.firstToken.medianMs / overload.unloaded.medianMs),
      "",
    ],
    [
      "memory before, at most, afterwards",
      [overload.beforeMb, overload.maxMb, overload.afterMb].map(Math.round).join(" · "),
      "MB",
    ],
    ["serves afterwards", overload.servesAfterwards ? "yes" : "no", ""],
  ];
  return renderTable(columns, rows, colors);
}

function times({ medianMs, p95Ms }: TimeSummary): [string, string] {
  return [`${ratio(medianMs)} (p95 ${ratio(p95Ms)})`, "ms"];
}
