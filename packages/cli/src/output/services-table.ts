import type { ServicesResult } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

/** What the services cost and gain, one policy a row. */
export function renderServices(
  results: readonly ServicesResult[],
  numSessions: number,
  colors: Colors,
): string {
  const columns = [
    { heading: "policy", align: "left" },
    { heading: "tokens/s\n1 session" },
    { heading: `tokens/s\n${numSessions} sessions` },
    { heading: "speed-up" },
    { heading: "services add\nms / round" },
    { heading: "round trips /\n100 tokens" },
  ] as const;
  const rows = results.map((result) => [
    result.policy,
    ratio(result.oneTokensPerSecond),
    ratio(result.manyTokensPerSecond),
    ratio(result.speedUp),
    ratio(result.overheadMs),
    ratio(100 * result.roundTripsPerToken),
  ]);
  return renderTable(columns, rows, colors);
}
