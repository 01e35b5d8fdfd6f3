import * as Plot from "@observablehq/plot";
import type { Cell } from "../policies/cell.ts";
import { byPrice, type CellGroup, groupCells } from "./cell-groups.ts";
import { draw, measurePixels, panelHeight, panelWidth } from "./draw.ts";
import { columnsForTemperatures, type Figure } from "./figure.ts";
import { groupBy } from "./group-by.ts";
import { dotStyle, lineStyle, policyLegend } from "./legend.ts";
import type { Markup } from "./markup.ts";
import { logTicks, short, shortened } from "./numbers.ts";
import { placeLabels } from "./place-labels.ts";
import type { Looks } from "./policy-look.ts";
import { policiesOf } from "./policy-rank.ts";

/** What a price of the target's forwards trades; undefined where no cell was told one. */
export function createFrontFigure(cells: readonly Cell[], looks: Looks): Figure | undefined {
  const groups = groupCells(cells, "network").filter(({ cells: members }) =>
    members.some(({ forwardPriceMs }) => forwardPriceMs !== undefined),
  );
  if (groups.length === 0) return undefined;
  const shown = groups.flatMap(({ cells: members }) => members);
  return {
    id: "front",
    title: "The price of a target forward",
    caption:
      "Up and to the left is better: faster, with less work for the target. The line joins one policy under rising prices of a forward (the numbers, in ms); a policy under that line is beaten by one of its points.",
    legend: policyLegend(looks, policiesOf(shown), "line"),
    panels: groups.map((group) => ({ title: group.title, drawing: drawFront(group, looks) })),
    numColumns: columnsForTemperatures(shown),
  };
}

const x = "targetForwardsPer100Tokens";
const y = "tokensPerSecond";
const height = panelHeight + 60;
const frame = { left: 48, right: panelWidth - 2, top: 24, bottom: height - 44 };

function drawFront({ title, cells }: CellGroup, looks: Looks): Markup {
  const lines = [...groupBy(cells, ({ policy }) => policy)].filter(([, line]) => line.length > 1);
  const onLine = new Set(lines.flatMap(([, line]) => line));
  const labels = cells.map((cell) =>
    onLine.has(cell) ? String(cell.forwardPriceMs ?? 0) : shortened(cell.policy, 18),
  );
  const [across, up] = [rangeOf(cells, x), rangeOf(cells, y)];
  const scales = {
    height,
    x: { type: "log", domain: across, ticks: logTicks(across), tickFormat: String, grid: true },
    y: { domain: up, ticks: 6, grid: true },
  } satisfies Plot.PlotOptions;
  return draw(`Target forwards against tokens per second: ${title}`, {
    ...scales,
    x: { ...scales.x, label: "Target forwards per 100 tokens (log scale)" },
    y: { ...scales.y, label: "Tokens per second" },
    marks: [
      lines.map(([policy, line]) => {
        const look = looks.get(policy);
        return look && Plot.line(line.toSorted(byPrice), { x, y, ...lineStyle(look) });
      }),
      labelMarks(cells, labels, looks, scales),
      cells.map((cell) => {
        const look = looks.get(cell.policy);
        return look && Plot.dot([cell], { x, y, ...dotStyle(look), title: describe });
      }),
    ],
  });
}

/** Not from zero: where points are is what counts, and they lie close together. */
function rangeOf(cells: readonly Cell[], field: typeof x | typeof y): [number, number] {
  const values = cells.map((cell) => cell[field]);
  return [Math.min(...values) / 1.12 || 0.1, Math.max(...values) * 1.12];
}

function labelMarks(
  cells: readonly Cell[],
  labels: readonly string[],
  looks: Looks,
  scales: Plot.PlotOptions,
): Plot.Markish[] {
  const { pixelsOf, valuesOf } = measurePixels({ ...scales, marks: [Plot.dot(cells, { x, y })] });
  const points = cells.map((cell, index) => {
    const [left, top] = pixelsOf(cell[x], cell[y]);
    return { x: left, y: top, label: labels[index] ?? "" };
  });
  return placeLabels(points, frame).flatMap(({ dx, dy, textAnchor }, index) => {
    const point = points[index];
    const cell = cells[index];
    if (point === undefined || cell === undefined) return [];
    const [endX, endY] = valuesOf(point.x + dx, point.y + dy);
    const leader = { x1: cell[x], y1: cell[y], x2: endX, y2: endY, stroke: "var(--faint)" };
    const look = looks.get(cell.policy);
    const fill = look?.isOurs === true ? look.color : "currentColor";
    const halo = { stroke: "var(--surface)", strokeWidth: 3, fill };
    const isBeside = Math.abs(dy) <= (textAnchor === "middle" ? 12 : 0);
    return [
      ...(!isBeside ? [Plot.link([cell], { ...leader, strokeWidth: 0.75 })] : []),
      Plot.text([cell], { x, y, text: [point.label], dx, dy, textAnchor, fontSize: 10.5, ...halo }),
    ];
  });
}

function describe(cell: Cell): string {
  const price =
    cell.forwardPriceMs === undefined ? "" : `, a forward priced ${cell.forwardPriceMs} ms`;
  return `${cell.policy}${price}\n${short(cell[x])} forwards per 100 tokens, ${short(cell[y])} tokens/s`;
}
