import * as Plot from "@observablehq/plot";
import type { Cell } from "../policies/cell.ts";
import { draw } from "./draw.ts";
import type { Figure } from "./figure.ts";
import { type Gain, gainsOf } from "./gains.ts";
import { groupBy } from "./group-by.ts";
import { barSign, legendEntry } from "./legend.ts";
import { html, type Markup } from "./markup.ts";

const rowHeight = 22;
const characterWidth = 8;
const gained = "var(--ours-1)";
const lost = "var(--ours-2)";
/** Gains and losses of this much have the full colour. */
const fullGain = 0.7;

/** Streams beside the best of everything else, under all conditions; undefined where there are none. */
export function createGainFigure(cells: readonly Cell[]): Figure | undefined {
  const gains = gainsOf(cells);
  if (gains.length === 0) return undefined;
  const panels = groupBy(gains, ({ cell }) => `${cell.pair} · ${cell.policy}`);
  return {
    id: "gain",
    title: "What a stream gains",
    caption:
      "Tokens per second of a stream divided by those of the best of all others under the same conditions, the best static length chosen afterwards.",
    legend: html`${[
      legendEntry("faster", barSign({ color: gained, isOurs: false })),
      legendEntry("slower", barSign({ color: lost, isOurs: false })),
    ]}`,
    panels: [...panels].map(([title, members]) => ({ title, drawing: drawGains(title, members) })),
    numColumns: panels.size === 2 ? 2 : undefined,
  };
}

function drawGains(title: string, gains: readonly Gain[]): Markup {
  const rowOf = ({ cell }: Gain) => `${cell.preset} T ${cell.temperature}`;
  const rows = new Set(gains.map(rowOf));
  const rtts = [...new Set(gains.map(({ cell }) => cell.rttMs))].toSorted((a, b) => a - b);
  const place = { x: ({ cell }: Gain) => cell.rttMs, y: rowOf };
  return draw(`Gain of a stream: ${title}`, {
    height: 70 + rowHeight * rows.size,
    marginLeft: 10 + characterWidth * Math.max(...[...rows].map(({ length }) => length)),
    x: { type: "band", domain: rtts, label: "Round-trip time (ms)", padding: 0.04, tickSize: 0 },
    y: {
      domain: [...rows],
      label: "Hardware, temperature",
      labelAnchor: "top",
      labelArrow: "none",
      padding: 0.08,
      tickSize: 0,
    },
    marks: [
      Plot.cell(gains, {
        ...place,
        fill: ({ gain }: Gain) => (gain < 1 ? lost : gained),
        fillOpacity: ({ gain }: Gain) => Math.min(1, Math.abs(gain - 1) / fullGain) * 0.75,
      }),
      Plot.text(gains, { ...place, text: ({ gain }: Gain) => gain.toFixed(2), fill: "var(--ink)" }),
    ],
  });
}
