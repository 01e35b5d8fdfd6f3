import type { Cell } from "../policies/cell.ts";
import { groupCells } from "./cell-groups.ts";
import { columnsForTemperatures, type Figure } from "./figure.ts";
import { policyLegend } from "./legend.ts";
import { drawBars } from "./metric-bars.ts";
import { drawLines, type Metric, needsLog } from "./metric-lines.ts";
import type { Looks } from "./policy-look.ts";
import { policiesOf } from "./policy-rank.ts";

interface MetricFigure extends Metric, Pick<Figure, "id" | "title" | "caption"> {}

const metricFigures: readonly MetricFigure[] = [
  {
    id: "speed",
    title: "Speed",
    caption:
      "Higher is better. Plain decoding (none) and streams pay the round trip once; rounds pay it for each draft, and have to earn it back.",
    label: "Tokens per second",
    isRatio: true,
    measure: ({ tokensPerSecond }) => tokensPerSecond,
    spreadOf: ({ spread }) => spread,
  },
  {
    id: "wasted",
    title: "Wasted drafts",
    caption:
      "Lower is better at equal speed. Each refused guess is a forward of the draft model, and energy at the edge, that nobody gets anything from.",
    label: "Refused guesses per 100 tokens",
    measure: refusedPer100Tokens,
  },
  {
    id: "forwards",
    title: "Work of the target",
    caption:
      "Lower is better. Forwards of the big model are what a provider pays for; plain decoding needs 100 of them.",
    label: "Target forwards per 100 tokens",
    measure: ({ targetForwardsPer100Tokens }) => targetForwardsPer100Tokens,
  },
];

/** Speed, waste and forwards, each under all conditions. */
export function createMetricFigures(cells: readonly Cell[], looks: Looks): readonly Figure[] {
  if (cells.length === 0) return [];
  const groups = groupCells(cells, "hardware").map((group) => ({
    ...group,
    hasOneRtt: new Set(group.cells.map(({ rttMs }) => rttMs)).size === 1,
  }));
  const as = groups.every(({ hasOneRtt }) => hasOneRtt) ? "bar" : "line";
  const overRtt = groups.filter(({ hasOneRtt }) => !hasOneRtt).map(({ cells: members }) => members);
  return metricFigures.map((metric) => {
    const isLog = needsLog(overRtt, metric);
    return {
      ...metric,
      legend: policyLegend(looks, policiesOf(cells), as),
      panels: groups.map(({ title, cells: members, hasOneRtt }) =>
        hasOneRtt
          ? {
              title: `${title} · RTT ${members[0]?.rttMs} ms`,
              drawing: drawBars(title, members, metric, looks),
            }
          : { title, drawing: drawLines(title, members, metric, looks, isLog) },
      ),
      numColumns: columnsForTemperatures(cells),
    };
  });
}

/** Drafted for nothing. */
export function refusedPer100Tokens({ numDrafted, numAccepted, numTokens }: Cell): number {
  return numTokens === 0 ? 0 : (100 * (numDrafted - numAccepted)) / numTokens;
}
