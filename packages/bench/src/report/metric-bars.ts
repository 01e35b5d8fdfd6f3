import * as Plot from "@observablehq/plot";
import type { Cell } from "../policies/cell.ts";
import { draw } from "./draw.ts";
import { barStyle } from "./legend.ts";
import type { Markup } from "./markup.ts";
import type { Metric } from "./metric-lines.ts";
import { short, shortened } from "./numbers.ts";
import type { Looks } from "./policy-look.ts";

const barHeight = 19;
const characterWidth = 8;
/** Room for "adaedl:gamma=auto,max=16"; what is longer is cut. */
const longestName = 26;

/** A metric at one round-trip time, one bar a policy. */
export function drawBars(
  title: string,
  cells: readonly Cell[],
  metric: Metric,
  looks: Looks,
): Markup {
  const { spreadOf, measure } = metric;
  const highest = Math.max(
    ...cells.map((cell) => Math.max(measure(cell), spreadOf?.(cell)?.[1] ?? 0)),
  );
  const numCharacters = Math.min(
    longestName,
    Math.max(...cells.map(({ policy }) => policy.length), 0),
  );
  const y = { y: ({ policy }: Cell) => policy };
  const colored = cells.flatMap((cell) => {
    const look = looks.get(cell.policy);
    return look === undefined ? [] : [{ cell, look }];
  });
  return draw(`${metric.label}: ${title}`, {
    height: 70 + barHeight * cells.length,
    marginLeft: 10 + characterWidth * numCharacters,
    x: {
      domain: [0, highest > 0 ? highest * 1.14 : 1],
      label: metric.label,
      ticks: 5,
      grid: true,
    },
    y: {
      domain: cells.map(({ policy }) => policy),
      label: "Policy",
      labelAnchor: "top",
      labelArrow: "none",
      padding: 0.25,
      tickSize: 0,
      tickFormat: (policy: string) => shortened(policy, longestName),
    },
    marks: [
      colored.map(({ cell, look }) =>
        Plot.barX([cell], {
          x: measure,
          ...y,
          ...barStyle(look),
          title: ({ policy }: Cell) => policy,
        }),
      ),
      Plot.ruleY(
        cells.filter((cell) => spreadOf?.(cell) !== undefined),
        {
          ...y,
          x1: (cell: Cell) => spreadOf?.(cell)?.[0],
          x2: (cell: Cell) => spreadOf?.(cell)?.[1],
          stroke: "currentColor",
          strokeWidth: 1.5,
        },
      ),
      Plot.text(cells, {
        ...y,
        x: (cell: Cell) => Math.max(measure(cell), spreadOf?.(cell)?.[1] ?? 0),
        text: (cell: Cell) => short(measure(cell)),
        dx: 5,
        textAnchor: "start",
      }),
    ],
  });
}
