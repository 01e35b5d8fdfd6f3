import * as Plot from "@observablehq/plot";
import type { Cell } from "../policies/cell.ts";
import { draw, type Marks } from "./draw.ts";
import { groupBy } from "./group-by.ts";
import { dotStyle, lineStyle } from "./legend.ts";
import type { Markup } from "./markup.ts";
import { logTicks, short } from "./numbers.ts";
import type { Looks } from "./policy-look.ts";
import { isOurs } from "./policy-rank.ts";

/** Something measured of every cell. */
export interface Metric {
  /** With its unit, as an axis says it. */
  readonly label: string;
  measure(cell: Cell): number;
  /** Its ratios are what counts: over a wide range they are shown as equal lengths. */
  readonly isRatio?: boolean;
  /** Lowest and highest of the repetitions. */
  spreadOf?(cell: Cell): readonly [number, number] | undefined;
}

/** A metric over the round-trip time, one line a policy. */
export function drawLines(
  title: string,
  cells: readonly Cell[],
  metric: Metric,
  looks: Looks,
  isLog: boolean,
): Markup {
  const rtts = [...new Set(cells.map(({ rttMs }) => rttMs))].toSorted((a, b) => a - b);
  const values = cells.map(metric.measure);
  return draw(`${metric.label} over round-trip time: ${title}`, {
    x: { ...rttScale(rtts), label: "Round-trip time (ms)", ticks: rtts, tickFormat: String },
    y: {
      ...valueScale(values, isLog),
      label: metric.label + (isLog ? " (log scale)" : ""),
      grid: true,
    },
    marks: linesOf(cells).flatMap(([policy, line]) => {
      const look = looks.get(policy);
      if (look === undefined) return [];
      const x = "rttMs";
      const marks: Marks = [
        Plot.lineY(line, { x, y: metric.measure, ...lineStyle(look) }),
        Plot.dot(line, {
          x,
          y: metric.measure,
          title: (cell: Cell) => `${policy}\nRTT ${cell.rttMs} ms: ${short(metric.measure(cell))}`,
          ...dotStyle(look),
        }),
      ];
      return [...spreadMarks(line, metric, look.color), ...marks];
    }),
  });
}

/** Ours last, that is on top. */
function linesOf(cells: readonly Cell[]): [string, Cell[]][] {
  return [...groupBy(cells, ({ policy }) => policy)]
    .toSorted(([a], [b]) => Number(isOurs(a)) - Number(isOurs(b)))
    .map(([policy, line]) => [policy, line.toSorted((a, b) => a.rttMs - b.rttMs)]);
}

function spreadMarks(line: readonly Cell[], { spreadOf }: Metric, stroke: string): Marks {
  if (spreadOf === undefined) return [];
  const measured = line.filter((cell) => spreadOf(cell) !== undefined);
  const bounds = {
    y1: (cell: Cell) => spreadOf(cell)?.[0],
    y2: (cell: Cell) => spreadOf(cell)?.[1],
  };
  return [
    Plot.ruleX(measured, { x: "rttMs", ...bounds, stroke, strokeOpacity: 0.5, strokeWidth: 3 }),
  ];
}

/** Networks differ by factors: from a wide range on logarithmic, so that the fast ones do not stick together. */
function rttScale(rtts: readonly number[]): Plot.ScaleOptions {
  const shortest = rtts.find((rtt) => rtt > 0) ?? 1;
  if ((rtts.at(-1) ?? 0) / shortest < 10) return { type: "linear", inset: 6 };
  return rtts[0] === 0
    ? { type: "symlog", constant: shortest, inset: 6 }
    : { type: "log", inset: 6 };
}

/** From zero, or over the measured range where ratios are shown. */
function valueScale(values: readonly number[], isLog: boolean): Plot.ScaleOptions {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (!isLog) return { domain: [0, highest > 0 ? highest * 1.05 : 1], nice: true };
  const domain: [number, number] = [lowest / 1.1, highest * 1.1];
  return { type: "log", domain, ticks: logTicks(domain), tickFormat: String };
}

/** Whether one panel at least spans a range in which a linear scale would press the slow ones together. */
export function needsLog(groups: readonly (readonly Cell[])[], metric: Metric): boolean {
  if (metric.isRatio !== true) return false;
  const ranges = groups.map((cells) => cells.map(metric.measure));
  return (
    ranges.flat().every((value) => value > 0) &&
    ranges.some((values) => Math.max(...values) / Math.min(...values) > 6)
  );
}
