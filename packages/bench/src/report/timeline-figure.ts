import * as Plot from "@observablehq/plot";
import type { RoundSample } from "../policies/cell.ts";
import { draw } from "./draw.ts";
import type { Figure, Panel } from "./figure.ts";
import { groupBy } from "./group-by.ts";
import { barSign, legendEntry, lineStyle, policyLegend } from "./legend.ts";
import { html, type Markup } from "./markup.ts";
import type { Looks } from "./policy-look.ts";
import { policiesOf, rankOf } from "./policy-rank.ts";

const height = 150;

/** Threshold and draft length along one generation; undefined without rounds. */
export function createTimelineFigure(
  rounds: readonly RoundSample[],
  looks: Looks,
): Figure | undefined {
  if (rounds.length === 0) return undefined;
  const groups = groupBy(rounds, ({ pair, temperature }) => `${pair} · T = ${temperature}`);
  const withLambda = rounds.filter(({ lambda }) => lambda !== undefined);
  return {
    id: "timeline",
    title: "Threshold and draft length over one generation",
    caption:
      "Each step is a round: as high as its draft is long, filled as far as the target accepted it, and as wide as the tokens it gave. A good policy leaves little unfilled and drafts long where much is accepted; lambda is the threshold under which AdaEDL stops.",
    legend: html`${[
      policyLegend(looks, policiesOf(withLambda), "line"),
      legendEntry("accepted guesses", barSign({ color: "var(--strong)", isOurs: true })),
      legendEntry("refused guesses", [
        Plot.rect([0], { x1: 4, x2: 30, y1: 2, y2: 12, ...refusedStyle("var(--strong)") }),
      ]),
    ]}`,
    panels: [...groups].flatMap(([title, members]) => panelsOf(title, members, looks)),
    numColumns: 2,
  };
}

/** The thresholds of all policies, then the drafts of each. */
function panelsOf(title: string, rounds: readonly RoundSample[], looks: Looks): Panel[] {
  const end = Math.max(...rounds.map(endOf));
  const highest = Math.max(...rounds.map(({ numDrafted }) => numDrafted));
  const policies = [...groupBy(rounds, ({ policy }) => policy)].toSorted(
    ([a], [b]) => rankOf(a) - rankOf(b),
  );
  const lambdas = rounds.filter(({ lambda }) => lambda !== undefined);
  const drafts = policies.map(([policy, ownRounds]) => ({
    title: `${title} · drafts of ${policy}`,
    drawing: drawDrafts(`${title}, ${policy}`, ownRounds, { end, highest }, looks),
  }));
  if (lambdas.length === 0) return drafts;
  return [
    { title: `${title} · threshold`, drawing: drawLambdas(title, lambdas, end, looks) },
    ...drafts,
  ];
}

function drawLambdas(
  title: string,
  rounds: readonly RoundSample[],
  end: number,
  looks: Looks,
): Markup {
  return draw(`Threshold over one generation: ${title}`, {
    height,
    x: { domain: [0, end], label: "Output tokens" },
    y: { label: "Lambda (acceptance bound)", grid: true, ticks: 4, nice: true },
    marks: [...groupBy(rounds, ({ policy }) => policy)].flatMap(([policy, line]) => {
      const look = looks.get(policy);
      return look === undefined
        ? []
        : [
            Plot.lineY(line, {
              x: "position",
              y: "lambda",
              curve: "step-after",
              ...lineStyle(look),
            }),
          ];
    }),
  });
}

function drawDrafts(
  title: string,
  rounds: readonly RoundSample[],
  { end, highest }: { end: number; highest: number },
  looks: Looks,
): Markup {
  const color = looks.get(rounds[0]?.policy ?? "")?.color ?? "var(--strong)";
  const width = { x1: "position", x2: endOf, insetRight: 0.5 };
  return draw(`Draft length over one generation: ${title}`, {
    height,
    x: { domain: [0, end], label: "Output tokens" },
    y: { domain: [0, highest], label: "Draft length (tokens)", grid: true, ticks: 4 },
    marks: [
      Plot.rect(rounds, { ...width, y1: "numAccepted", y2: "numDrafted", ...refusedStyle(color) }),
      Plot.rect(rounds, {
        ...width,
        y1: 0,
        y2: "numAccepted",
        fill: color,
        title: ({ round, numDrafted, numAccepted }: RoundSample) =>
          `round ${round}: ${numAccepted} of ${numDrafted} accepted`,
      }),
    ],
  });
}

function refusedStyle(color: string) {
  return { fill: color, fillOpacity: 0.18, stroke: color, strokeWidth: 0.75, strokeOpacity: 0.6 };
}

/** The accepted guesses and the target's own token. */
function endOf({ position, numAccepted }: RoundSample): number {
  return position + numAccepted + 1;
}
