import { acceptanceBound } from "@adaedl/core";
import * as Plot from "@observablehq/plot";
import type { GuessSample } from "../policies/cell.ts";
import { type AcceptanceBin, binAcceptance } from "./acceptance-bins.ts";
import { draw, type Marks } from "./draw.ts";
import { columnsForTemperatures, type Figure } from "./figure.ts";
import { groupBy } from "./group-by.ts";
import { legendEntry } from "./legend.ts";
import { html, type Markup } from "./markup.ts";
import { short } from "./numbers.ts";

/** The paper's, for every pair. */
const gamma = 0.2;
const binWidth = 0.25;
/** From here on there is no bound left: it is 0. */
const highestBoundedEntropy = 1 / gamma;

const observed = "var(--ours-1)";
const boundStyle = { stroke: "var(--ours-2)", strokeWidth: 2, strokeDasharray: "6 3" };
const bandStyle = { fill: observed, fillOpacity: 0.2 };

/** Observed acceptance against the entropy that AdaEDL judges a guess by; undefined without guesses. */
export function createAcceptanceFigure(guesses: readonly GuessSample[]): Figure | undefined {
  if (guesses.length === 0) return undefined;
  const sorted = guesses.toSorted((a, b) =>
    a.pair < b.pair ? -1 : a.pair > b.pair ? 1 : a.temperature - b.temperature,
  );
  const groups = groupBy(sorted, ({ pair, temperature }) => `${pair} · T = ${temperature}`);
  return {
    id: "acceptance",
    title: "Acceptance against entropy",
    caption:
      "If the draft's entropy tells how likely a guess is accepted, the points fall from left to right. The bound is AdaEDL's: where points lie above it, it stops drafts that would have been accepted; where they lie below, it promises too much.",
    legend: acceptanceLegend(),
    panels: [...groups].map(([title, members]) => ({
      title: `${title} · ${short(members.length).replace(/\.\d+$/, "")} guesses`,
      drawing: drawAcceptance(title, binAcceptance(members, binWidth)),
    })),
    numColumns: columnsForTemperatures(guesses),
  };
}

function drawAcceptance(title: string, bins: readonly AcceptanceBin[]): Markup {
  const end = Math.max(1, ...bins.map(({ entropy }) => entropy + binWidth / 2));
  const curve = Array.from({ length: 101 }, (_, index) => {
    const entropy = (Math.min(end, highestBoundedEntropy) * index) / 100;
    return { entropy, bound: acceptanceBound(entropy, gamma) };
  });
  return draw(`Acceptance against entropy: ${title}`, {
    x: { domain: [0, end], label: "Entropy of the draft (nats)" },
    y: {
      domain: [0, 100],
      label: "Share of guesses accepted (%)",
      percent: true,
      grid: true,
      ticks: 5,
    },
    marks: [
      Plot.areaY(bins, { x: "entropy", y1: "lowest", y2: "highest", ...bandStyle }),
      Plot.lineY(bins, { x: "entropy", y: "acceptance", stroke: observed, strokeWidth: 2 }),
      Plot.line(curve, { x: "entropy", y: "bound", ...boundStyle }),
      Plot.dot(bins, {
        x: "entropy",
        y: "acceptance",
        r: 3,
        fill: observed,
        title: ({ entropy, acceptance, numGuesses }: AcceptanceBin) =>
          `entropy ${entropy.toFixed(2)}: ${(100 * acceptance).toFixed(0)} % of ${numGuesses} guesses`,
      }),
    ],
  });
}

function acceptanceLegend(): Markup {
  const middle = { x: [1, 33], y: [7, 7] };
  const line: Marks = [
    Plot.lineY([7, 7], { ...middle, stroke: observed, strokeWidth: 2 }),
    Plot.dot([7], { x: [17], y: [7], r: 3, fill: observed }),
  ];
  const band: Marks = [Plot.rect([0], { x1: 2, x2: 32, y1: 1, y2: 13, ...bandStyle })];
  return html`${[
    legendEntry(`observed, in steps of ${binWidth} nats`, line),
    legendEntry("95 % confidence", band),
    legendEntry(`AdaEDL's bound 1 − √(γH), γ = ${gamma}`, [
      Plot.lineY([7, 7], { ...middle, ...boundStyle }),
    ]),
  ]}`;
}
