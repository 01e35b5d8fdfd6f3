import type { LoadRow } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

const columns = [
  { heading: "sessions" },
  { heading: "policy", align: "left" },
  { heading: "tokens/s\nof all" },
  { heading: "÷ none" },
  { heading: "target ms\n/ token" },
  { heading: "÷ none" },
  { heading: "p95 between\ndeliveries, ms" },
  { heading: "÷ none" },
] as const;

/** What one target gives many sessions, beside plain decoding where that was played. */
export function renderLoad(rows: readonly LoadRow[], colors: Colors): string {
  const texts = rows.map((row) => {
    const plain = rows.find(
      ({ policy, numSessions }) => policy === "none" && numSessions === row.numSessions,
    );
    const besidePlain = (of: (row: LoadRow) => number) =>
      plain === undefined || plain === row ? "–" : ratio(of(row) / of(plain));
    return [
      String(row.numSessions),
      row.policy,
      ratio(row.tokensPerSecond),
      besidePlain(({ tokensPerSecond }) => tokensPerSecond),
      ratio(row.targetMsPerToken),
      besidePlain(({ targetMsPerToken }) => targetMsPerToken),
      ratio(row.gapMs),
      besidePlain(({ gapMs }) => gapMs),
    ];
  });
  return renderTable(columns, texts, colors);
}
